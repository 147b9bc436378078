"""What a rule costs or gains: a model with it and without it, racing in one page. ``test_rule_costs.py`` tells how to add one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from graph_draft import Draft

from tfjsci.artifact.write import write_artifact
from tfjsci.benchmark.race import RatioInterval, ratio_interval
from tfjsci.browser.session import BrowserSession
from tfjsci.catalog.check import check_ops, problems_of
from tfjsci.converter import computing_nodes_of, convert, write_variant
from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.graph.graph import DType, Graph, ShapeAttr, indexed
from tfjsci.graph.graphdef import infer_types
from tfjsci.graph.tensorflow import keras
from tfjsci.rewrite.evaluate import evaluate_in_tensorflow
from tfjsci.rewrite.left_out import left_out
from tfjsci.rewrite.pipeline import rewrite
from tfjsci.signature import TensorSpec

Array = np.ndarray[Any, Any]

RUNS = {"wasm": 300, "webgl": 40}
"""Steady runs of each side: enough for an interval of one or two per cent on a quiet machine."""

NO_SLOWER = 1.03
"""What a rule may seem to cost where it is only claimed to do no harm: issue 6 allows a whole net as much."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A model in which ``rules`` apply. On ``pays_on`` it must be faster with them, on ``harmless_on`` no slower.

    ``draw`` writes a graph and returns its outputs, or ``build`` makes a Keras model, which is converted for the ``wanted``
    backends; where it leaves the number of examples open, there are ``batch``. What would apply ``instead`` is left out as well.
    """

    name: str
    rules: tuple[str, ...]
    draw: Callable[[Draft], str | Sequence[str]] | None = None
    build: Callable[[Any], Any] | None = None
    pays_on: tuple[Backend, ...] = ("wasm", "webgl")
    harmless_on: tuple[Backend, ...] = ()
    wanted: tuple[Backend, ...] = BACKENDS
    batch: int = 1
    instead: tuple[str, ...] = ()
    runs: dict[str, int] = field(default_factory=lambda: dict(RUNS))

    @property
    def backends(self) -> tuple[Backend, ...]:
        """Where it is raced."""
        return self.pays_on + self.harmless_on


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two artifacts."""

    folder: Path
    nodes: int
    applied: dict[str, int]
    inputs: tuple[TensorSpec, ...]


@dataclass(frozen=True, kw_only=True)
class Cost:
    """One race: the times are medians; the ratio is with over without, so that below 1 the rules pay."""

    case: Case
    backend: Backend
    nodes: tuple[int, int]
    milliseconds: tuple[float, float]
    ratio: RatioInterval
    renderer: str

    @property
    def row(self) -> str:
        """The row of the table."""
        with_ms, without_ms = self.milliseconds
        return (
            f"| `{'`, `'.join(self.case.rules)}` | {self.case.name} | {self.backend} "
            f"| {self.nodes[0]} / {self.nodes[1]} | {with_ms:.3g} ms | {without_ms:.3g} ms "
            f"| {self.ratio.ratio:.3f} | {self.ratio.low:.3f} to {self.ratio.high:.3f} |"
        )


HEADER = """
| rules | model | backend | nodes | with | without | ratio | 95 % interval |
| --- | --- | --- | --- | ---: | ---: | ---: | --- |"""


def repeated(times: int, block: Callable[[str, int], str], x: str) -> str:
    """``x`` through ``block(x, i)`` so many times: one alone is lost in what a run costs anyway."""
    for i in range(times):
        x = block(x, i)
    return x


def sides(case: Case, folder: Path) -> tuple[Side, Side]:
    """The artifact with the rules, and the one without."""
    return _made(case, folder / "with", frozenset()), _made(
        case, folder / "without", left_out((*case.rules, *case.instead))
    )


def race(case: Case, backend: Backend, made: tuple[Side, Side], session: BrowserSession) -> Cost:
    """The two in one page, taking turns."""
    timings = session.race(
        [side.folder for side in made],
        backend,
        _sample(made[0].inputs, case.batch),
        warmup=5,
        runs=case.runs[backend],
        deadline_seconds=600,
    )
    fast, slow = (timing.steady_ms for timing in timings)
    return Cost(
        case=case,
        backend=backend,
        nodes=(made[0].nodes, made[1].nodes),
        milliseconds=(float(np.median(fast)), float(np.median(slow))),
        ratio=ratio_interval(slow, fast),
        renderer=timings[0].environment.renderer,
    )


def _made(case: Case, folder: Path, without: frozenset[str]) -> Side:
    if case.draw is not None:
        return _of_graph(case.draw, folder, without)
    assert case.build is not None, f"{case.name} neither draws a graph nor builds a model"
    keras().utils.set_random_seed(1)
    source = folder.parent / "source"
    if not source.exists():
        case.build(keras()).export(source, verbose=False)
    converted = convert(source, backends=case.wanted, without_rules=without)
    assert not converted.check.unsupported, converted.check.unsupported
    write_variant(converted, folder)
    return Side(
        folder=folder,
        nodes=converted.computing_nodes,
        applied=dict(converted.rewritten.counts),
        inputs=converted.inputs,
    )


def _of_graph(draw: Callable[[Draft], str | Sequence[str]], folder: Path, without: frozenset[str]) -> Side:
    draft = Draft()
    outputs = draw(draft)
    graph = draft.graph(*([outputs] if isinstance(outputs, str) else outputs))
    rewritten = rewrite(
        graph,
        evaluate=evaluate_in_tensorflow,
        infer=infer_types,
        problems=partial(problems_of, backends=BACKENDS),
        without=without,
    )
    after = rewritten.graph
    unsupported = check_ops(after, BACKENDS).unsupported
    assert not unsupported, unsupported
    inputs = tuple(_spec(node.name, node.attrs) for node in graph if node.op == "Placeholder")
    write_artifact(after, inputs=inputs, outputs=_outputs(after), folder=folder)
    return Side(folder=folder, nodes=computing_nodes_of(after), applied=dict(rewritten.counts), inputs=inputs)


def _spec(name: str, attrs: Any) -> TensorSpec:
    dtype, shape = attrs["dtype"], attrs["shape"]
    assert isinstance(dtype, DType)
    assert isinstance(shape, ShapeAttr)
    return TensorSpec(name=name, tensor=indexed(name), dtype=dtype.name, shape=shape.shape)


def _outputs(graph: Graph) -> tuple[TensorSpec, ...]:
    specs = []
    for i, tensor in enumerate(graph.outputs):
        known = graph.type_of(tensor)
        dtype, shape = ("float32", None) if known is None else (known.dtype, known.shape)
        specs.append(TensorSpec(name=f"output{i}", tensor=indexed(tensor), dtype=dtype, shape=shape))
    return tuple(specs)


def _sample(inputs: Sequence[TensorSpec], batch: int) -> dict[str, Array]:
    """Normally distributed floats, small integers; ``batch`` examples where their number is open, and one of any other size."""
    rng = np.random.default_rng(0)
    sample = {}
    for spec in inputs:
        shape = tuple(size or (batch if i == 0 else 1) for i, size in enumerate(spec.shape or ()))
        drawn = rng.normal(0, 1, shape) if "float" in spec.dtype else rng.integers(0, 4, shape)
        sample[spec.name] = drawn.astype(spec.dtype)
    return sample
