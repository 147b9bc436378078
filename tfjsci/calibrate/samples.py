"""What a model is calibrated with: the user's arrays as inference calls, by the names of the graph's inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from tfjsci.errors import BadInputs
from tfjsci.graph.graph import Array, DType, Graph, node_of
from tfjsci.inputs.by_name import by_input
from tfjsci.inputs.fit import fit_dtype
from tfjsci.inputs.split import arrange, split
from tfjsci.signature import TensorSpec

Calls = Sequence[Mapping[str, Array]]

TO_CALIBRATE = "to calibrate with"
"""What samples are for, as errors say it."""


def calls_of(
    inputs: Sequence[TensorSpec], arrays: Mapping[str, Any], *, purpose: str = TO_CALIBRATE
) -> tuple[list[dict[str, Array]], tuple[str, ...]]:
    """``arrays`` by input name, their first axes counting the samples, as calls of a few samples each; and what to tell of them.

    ``purpose`` is said in errors. Raises ``BadInputs``: an input without an array, an array without an input
    (:func:`~tfjsci.inputs.by_name.by_input`), one that doesn't fit, two that don't hold as many samples.
    """
    found = by_input(arrays, [spec.name for spec in inputs], purpose=purpose)
    own = found.arrays()
    arranged = {}
    for spec in inputs:
        where = f"input {spec.name!r} of the calibration"
        values = fit_dtype(own[spec.name], dtype=spec.dtype, where=where)
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise BadInputs(
                f"{where} holds NaN or infinite values", hint="Leave those samples out: nothing can be learnt of them."
            )
        arranged[spec.name] = arrange(values, shape=spec.shape, where=where)
    calls = split(arranged)
    shared = [{name: calls.take(values, call) for name, values in arranged.items()} for call in range(calls.calls)]
    return shared, found.notes


def first_calls(calls: Calls, inputs: Sequence[TensorSpec], samples: int | None) -> Calls:
    """The first calls that hold ``samples`` samples between them, or all where there are fewer (None: all)."""
    taken: list[Mapping[str, Array]] = []
    for call in calls:
        if samples is not None and count_samples(taken, inputs) >= samples:
            break
        taken.append(call)
    return taken


def count_samples(calls: Calls, inputs: Sequence[TensorSpec]) -> int:
    """How many samples there are in all calls: along the first axis of the inputs that leave it open, who agree on it.

    Where none does, each call has as many as its longest first axis: a batch, or a table that is given whole.
    """
    open_ended = [spec.name for spec in inputs if spec.shape is None or spec.shape[:1] == (None,)]
    return sum(_longest(call[name] for name in open_ended) or _longest(call.values()) or 1 for call in calls)


def _longest(values: Iterable[Array]) -> int:
    return max((len(value) for value in values if value.ndim), default=0)


def by_node(graph: Graph, inputs: Sequence[TensorSpec], calls: Calls) -> list[dict[str, Array]]:
    """The calls by the names of the graph's Placeholders, in their dtypes: rewriting may have made int64 int32."""
    nodes = {spec.name: graph[node_of(spec.tensor)] for spec in inputs}
    made = []
    for call in calls:
        values: dict[str, Array] = {}
        for name, node in nodes.items():
            value, wanted = call[name], node.attrs.get("dtype")
            fits = not isinstance(wanted, DType) or wanted.name == "string" or wanted.name == value.dtype.name
            values[node.name] = value if fits else value.astype(wanted.name)  # type: ignore[union-attr]
        made.append(values)
    return made
