from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied, declined
from fused_reference import assert_same_numbers
from graph_draft import Draft, values
from shape_draft import ShapeDraft

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


def tensordot() -> Graph:
    """As TensorFlow multiplies [batch, 3, 4] by a matrix of 5 columns: the sizes are gathered and multiplied."""
    draft = Draft()
    x = draft.input("x", (None, 3, 4))

    def number(op: str, name: str, *inputs: str, **attrs: Any) -> str:
        return draft.op(op, name, *inputs, **attrs)

    zero, columns = draft.const("zero", np.array(0, np.int32)), draft.const("columns", np.array([5], np.int32))
    free, inner = draft.const("free", np.array([0, 1], np.int32)), draft.const("inner", np.array([2], np.int32))
    all_of = draft.const("all", np.array([0], np.int32))
    shape = draft.typed("Shape", "shape", x, out_type=INT)
    gathered = {"Tparams": INT, "Tindices": INT, "Taxis": INT, "batch_dims": 0}
    before = number("GatherV2", "before", shape, free, zero, **gathered)
    last = number("GatherV2", "last", shape, inner, zero, **gathered)
    rows = number("Prod", "rows", before, all_of, T=INT, Tidx=INT, keep_dims=False)
    width = number("Prod", "width", last, all_of, T=INT, Tidx=INT, keep_dims=False)
    flat = draft.typed("Reshape", "flat", x, number("Pack", "p", rows, width, T=INT, N=2, axis=0), Tshape=INT)
    y = draft.matmul("product", flat, draft.const("w", np.ones((4, 5))))
    sizes = number("ConcatV2", "sizes", before, columns, zero, T=INT, N=2, Tidx=INT)
    graph = draft.graph(draft.typed("Reshape", "y", y, sizes, Tshape=INT))
    return replace(graph, types=infer_types(graph))


EXAMPLES = {"a Flatten": flattened(), "a tensordot": tensordot()}


def test_the_sizes_of_a_tensordot_are_known_but_for_the_batch() -> None:
    before = tensordot()
    result = after(before)
    assert values(result)["flat/shape"] == [-1, 4]
    assert values(result)["y/shape"] == [-1, 3, 5]
    assert "Shape" not in [node.op for node in result.nodes]
    assert_same_numbers(before, result, x=np.arange(24, dtype=np.float32).reshape(2, 3, 4))


class TestLeavesAlone:
    def test_two_sizes_that_are_not_known(self) -> None:
        draft = ShapeDraft()
        x = draft.input("x", (None, None, 2))
        turned = draft.pack(draft.size(x, 1), draft.size(x, 0), draft.ints(2, scalar=True))
        graph = draft.graph(draft.reshape(x, turned, "y"))
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


class TestMovedOnes:
    """Of a tensor of several open sizes."""

    X = np.random.default_rng(0).normal(size=(2, 3, 1, 4)).astype(np.float32)

    @staticmethod
    def reshaped(before: Shape, *, to: tuple[int | None, ...], axes: tuple[int, ...]) -> Graph:
        """To known sizes ``to``, and for each None of them the size of the next of ``axes``."""
        draft = ShapeDraft()
        x = draft.input("x", before)
        open_sizes = iter(axes)
        parts = [draft.size(x, next(open_sizes)) if n is None else draft.ints(n, scalar=True) for n in to]
        return replace(graph := draft.graph(draft.reshape(x, draft.pack(*parts), "y")), types=infer_types(graph))

    @pytest.mark.parametrize(
        ("to", "axes", "ops"),
        [
            ((None, None, 4), (0, 1), ["Squeeze"]),
            ((None, None, 1, 4), (0, 1), []),
            ((None, 1, None, 1, 4), (0, 1), ["ExpandDims"]),
            ((None, None, 1, 4, 1), (0, 1), ["ExpandDims"]),
        ],
    )
    def test_dimensions_of_1_come_and_go(
        self, to: tuple[int | None, ...], axes: tuple[int, ...], ops: list[str]
    ) -> None:
        before = self.reshaped((None, None, 1, 4), to=to, axes=axes)
        result = after(before)
        assert [node.op for node in result if node.op not in ("Const", "Placeholder", "Identity")] == ops
        assert_same_numbers(before, result, x=self.X)

    @pytest.mark.parametrize(
        ("to", "axes"), [((None, None, 2, 2), (0, 1)), ((None, None, 1, 4), (1, 0)), ((1, None, None, 1, 4, 1), (0, 1))]
    )
    def test_nothing_else_is_taken_for_it(self, to: tuple[int | None, ...], axes: tuple[int, ...]) -> None:
        graph = self.reshaped((None, None, 1, 4), to=to, axes=axes)
        assert refused(graph) == "2 sizes of the result aren't known, -1 can stand for one"
