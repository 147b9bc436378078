"""Types with a memory are those without one, at every step of rewriting, and only what changed is asked for again."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from graph_draft import Draft, weights

from tfjsci.catalog.check import problems_of
from tfjsci.dtypes import BACKENDS
from tfjsci.graph.graph import Constant, DType, Graph, TensorType
from tfjsci.graph.graphdef import infer_in_tensorflow
from tfjsci.graph.remembered_types import RememberedTypes
from tfjsci.graph.tensorflow import keras
from tfjsci.load.load import LoadOptions, load
from tfjsci.rewrite.evaluate import evaluate_in_tensorflow
from tfjsci.rewrite.pipeline import rewrite

pytestmark = pytest.mark.tensorflow


class Watched:
    """``infer_in_tensorflow``, with the names that it was asked for."""

    def __init__(self) -> None:
        self.asked: list[set[str]] = []

    def __call__(self, graph: Graph) -> dict[str, TensorType]:
        self.asked.append({node.name for node in graph.nodes})
        return infer_in_tensorflow(graph)


def _reshaped(*, sizes: tuple[int, ...] = (-1, 6), kernel: Any = None) -> Graph:
    draft = Draft()
    x = draft.input("x", (None, 4, 3))
    y = draft.typed("Relu", "y", x)
    z = draft.typed("Reshape", "z", y, draft.const("sizes", np.array(sizes, np.int32)))
    w = draft.const("w", weights(sizes[-1], 5) if kernel is None else kernel)
    return draft.graph(
        draft.typed("Atan", "t", draft.matmul("m", z, w))
    )  # of all these TensorFlow is asked about Atan alone


def test_nothing_is_asked_twice() -> None:
    infer = Watched()
    types = RememberedTypes(infer)
    first = types(_reshaped())
    assert first == infer_in_tensorflow(_reshaped())
    assert len(infer.asked) == 1
    graph = _reshaped()  # its constants are others, of the same values
    assert types(graph) == first
    asked = len(infer.asked)
    assert types(graph) == first
    assert len(infer.asked) == asked


def test_only_a_changed_node_is_asked_for() -> None:
    graph = _reshaped()
    infer = Watched()
    types = RememberedTypes(infer)
    types(graph)
    for op in ("Sinh", "Sigmoid"):  # the second is plain
        changed = replace(graph, nodes=tuple(replace(n, op=op) if n.name == "t" else n for n in graph.nodes))
        assert types(changed) == infer_in_tensorflow(changed)
        assert infer.asked[1:] == [{"t", "m/stand_in"}]


def test_who_reads_a_changed_shape_is_asked_too_and_so_on() -> None:
    draft = _reshaped(sizes=(-1, 6))
    infer = Watched()
    types = RememberedTypes(infer)
    types(draft)
    constants = {
        **draft.constants,
        "sizes": Constant(value=np.array((-1, 12), np.int32)),
        "w": Constant(value=np.ones((12, 7), np.float32)),
    }
    changed = replace(draft, constants=constants, types={})
    found = types(changed)
    assert found == infer_in_tensorflow(changed)
    assert found["t"] == TensorType(dtype="float32", shape=(None, 7))


def test_a_value_that_is_a_shape_is_looked_at_through_what_makes_it() -> None:
    def graph(op: str, width: int) -> Graph:
        draft = Draft()
        shape = draft.op("Shape", "shape", draft.input("x", (None, 4, 3)), **_types(T="float32", out_type="int32"))
        ends = [draft.const(name, np.array([value], np.int32)) for name, value in (("0", 0), ("1", 1), ("step", 1))]
        masks = dict.fromkeys(("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask"), 0)
        ints = _types(T="int32", Index="int32")
        batch = draft.op("StridedSlice", "batch", shape, *ends, shrink_axis_mask=1, **masks, **ints)
        w = draft.const("width", np.array(width, np.int32))
        sizes = draft.op("Pack", "sizes", batch, w, N=2, axis=0, **_types(T="int32"))
        made = draft.op("Fill", "made", sizes, draft.const("one", 1.0), **_types(T="float32", index_type="int32"))
        return draft.graph(draft.typed(op, "t", draft.typed("Relu", "r", made)))

    types = RememberedTypes(infer_in_tensorflow)
    for op, width in (("Atan", 8), ("Sinh", 8), ("Sigmoid", 8), ("Sigmoid", 9), ("Sinh", 9)):
        found = types(graph(op, width))
        assert found == infer_in_tensorflow(graph(op, width))
        assert found["t"].shape == (None, width)


def _types(**names: str) -> dict[str, DType]:
    return {key: DType(name) for key, name in names.items()}


def test_the_same_types_at_every_step_of_rewriting(tmp_path: Path) -> None:
    layers = keras().layers
    image = keras().Input((8, 8, 4))
    x = layers.BatchNormalization()(layers.Conv2D(8, 3, use_bias=False, data_format="channels_last")(image))
    x = layers.UpSampling2D()(layers.ReLU()(x))
    x = layers.Reshape((-1, 8))(x)
    x = layers.MultiHeadAttention(2, 4)(x, x)
    x = layers.LSTM(3, unroll=False)(x[:, :5])
    keras().Model(image, layers.Dense(2)(x)).export(tmp_path / "m", verbose=False)
    remembered = RememberedTypes(infer_in_tensorflow)
    calls = []

    def infer(graph: Graph) -> dict[str, TensorType]:
        found = remembered(graph)
        assert found == infer_in_tensorflow(graph)
        calls.append(len(graph.nodes))
        return found

    rewrite(
        load(tmp_path / "m", format="auto", options=LoadOptions()).graph,
        evaluate=evaluate_in_tensorflow,
        infer=infer,
        problems=partial(problems_of, backends=BACKENDS, catalog=None),
    )
    assert len(calls) > 3
