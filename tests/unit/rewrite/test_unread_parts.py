from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from graph_draft import Draft, values

from tfjsci.graph.graph import Graph, Shape, TensorType
from tfjsci.graph.show import show
from tfjsci.rewrite.unread_parts import with_read_parts_alone


def parts(op: str, *read: int, shape: Shape = (None, 6), sizes: tuple[int, ...] = (1, 2, 3), **attrs: Any) -> Graph:
    """Parts along the second dimension, of which some are read."""
    draft = Draft()
    x = draft.input("x", shape)
    axis = draft.const("axis", np.array(-1, np.int32))
    match op:
        case "Split":
            draft.typed("Split", "s", axis, x, num_split=3)
        case "SplitV":
            draft.typed("SplitV", "s", x, draft.const("sizes", np.array(sizes, np.int32)), axis, num_split=3)
        case "Unpack":
            draft.typed("Unpack", "s", x, num=6, axis=1)
    outputs = [draft.typed("Neg", f"y{i}", f"s:{i}" if i else "s", **attrs) for i in read]
    types = {"x": TensorType(dtype="float32", shape=shape)}
    return draft.graph(*outputs, types=types)


@pytest.mark.parametrize(
    ("graph", "begin", "size"),
    [
        (parts("Split", 0), [0, 0], [-1, 2]),
        (parts("Split", 2), [0, 4], [-1, 2]),
        (parts("SplitV", 1), [0, 1], [-1, 2]),
        (parts("SplitV", 2, sizes=(1, 2, -1)), [0, 3], [-1, -1]),
        (parts("Unpack", 4), [0, 4], [-1, 1]),
    ],
    ids=["the first", "the last", "of other sizes", "the rest", "one taken out"],
)
def test_the_part_that_is_read_is_cut_out(graph: Graph, begin: list[int], size: list[int]) -> None:
    after = with_read_parts_alone(graph)
    assert not {"Split", "SplitV", "Unpack"} & {node.op for node in after}
    (cut,) = (node for node in after if node.op == "Slice")
    assert [values(after)[name] for name in cut.inputs[1:]] == [begin, size]
    assert after.outputs == graph.outputs


def test_what_is_taken_out_has_a_dimension_less() -> None:
    after = with_read_parts_alone(parts("Unpack", 0))
    assert show(after).splitlines()[1:] == [
        "s/slice = Slice(x, s/const, s/const_1)",
        "s = Squeeze(s/slice)",
        "y0 = Neg(s)",
        "-> y0",
    ]
    assert after["s"].attrs["squeeze_dims"] == (1,)


@pytest.mark.parametrize(
    "graph",
    [
        parts("Split", 0, 1),
        parts("Split", 1, shape=(None, None)),
        parts("Split", 1, shape=None),
        parts("SplitV", 2, sizes=(1, -1, 3)),
    ],
    ids=["two are read", "an open size", "an open rank", "after the rest"],
)
def test_leaves_alone_what_it_cannot_cut(graph: Graph) -> None:
    assert with_read_parts_alone(graph) is graph


def test_an_output_is_read_too() -> None:
    graph = parts("Split", 0)
    both = Graph(nodes=graph.nodes, outputs=(*graph.outputs, "s:1"), constants=graph.constants, types=graph.types)
    assert with_read_parts_alone(both) is both
