from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from applying import applied, declined
from fused_reference import assert_same_numbers
from graph_draft import Draft, values

from tfjsci.graph.graph import DType, Graph, Shape
from tfjsci.graph.graphdef import infer_types
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.static_reshape import RULE

after = partial(applied, RULE)
refused = partial(declined, RULE)
INT = DType("int32")


def flattened(shape: Shape = (None, 4, 6), *, last: int = 24) -> Graph:
    """Flatten as Keras writes it: the batch size is sliced out of the shape, and packed with the rest."""
    draft = Draft()
    x = draft.input("x", shape)
    sizes = draft.typed("Shape", "shape", x, out_type=INT)
    ends = [draft.const(name, np.array([n], np.int32)) for name, n in (("begin", 0), ("end", 1), ("step", 1))]
    masks = {f"{name}_mask": 0 for name in ("begin", "end", "ellipsis", "new_axis")}
    batch = draft.typed("StridedSlice", "batch", sizes, *ends, Index=INT, shrink_axis_mask=1, **masks)
    rest = draft.const("rest", np.array(last, np.int32))
    packed = draft.op("Pack", "packed", batch, rest, T=INT, N=2, axis=0)
    draft.nodes[3:] = [
        replace(node, attrs={**node.attrs, "T": INT}) if node.op == "StridedSlice" else node for node in draft.nodes[3:]
    ]
    graph = draft.graph(draft.typed("Reshape", "y", x, packed, Tshape=INT))
    return replace(graph, types=infer_types(graph))


def test_the_shape_becomes_a_constant_with_one_size_left_open() -> None:
    result = after(flattened())
    assert show(result) == "x = Placeholder()\ny = Reshape(x, y/shape)\n-> y"
    assert values(result) == {"y/shape": [-1, 24]}
    assert result.constants["y/shape"].value.dtype == np.int32


@pytest.mark.parametrize("batch", [1, 3])
def test_keeps_the_numbers(batch: int) -> None:
    before = flattened()
    x = np.arange(batch * 24, dtype=np.float32).reshape(batch, 4, 6)
    assert_same_numbers(before, after(before), x=x)


def test_a_shape_that_is_wholly_known_is_written_out() -> None:
    assert values(after(flattened((2, 4, 6)))) == {"y/shape": [2, 24]}


class TestLeavesAlone:
    def test_two_sizes_that_are_not_known(self) -> None:
        draft = Draft()
        x = draft.input("x", (None, None, 2))
        graph = draft.graph(draft.typed("Reshape", "y", x, draft.typed("Shape", "s", x, out_type=INT), Tshape=INT))
        graph = replace(graph, types=infer_types(graph))
        assert refused(graph) == "2 sizes of the result aren't known, -1 can stand for one"

    def test_a_rank_that_is_not_known(self) -> None:
        draft = Draft()
        x = draft.input("x")
        graph = draft.graph(draft.typed("Reshape", "y", x, draft.op("Placeholder", "s", dtype=INT), Tshape=INT))
        assert refused(graph) == "the rank of the result isn't known"

    def test_a_result_that_may_be_empty(self) -> None:
        """-1 among zeros could be any size."""
        assert refused(flattened((None, 4, 0), last=0)) == "the result is empty: -1 would be ambiguous"

    def test_a_shape_that_is_a_constant(self) -> None:
        draft = Draft()
        graph = draft.graph(draft.typed("Reshape", "y", draft.input("x"), draft.const("s", np.array([-1]))))
        assert "constant already" in refused(graph)
