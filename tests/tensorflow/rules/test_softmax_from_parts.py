from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from applying import applied_all, declined_all
from fused_reference import assert_same_numbers, outputs_of
from graph_draft import Draft

from tfjsci.graph.graph import DType, Graph, Shape
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.softmax_from_parts import RULES

after = partial(applied_all, RULES)
refused = partial(declined_all, RULES)


def softmax(
    shape: Shape = (3, 4, 5),
    axis: object = -1,
    *,
    sum_axis: object = None,
    keep_dims: bool = True,
    reciprocal: bool = False,
    stable: bool = True,
    swapped: bool = False,
) -> Graph:
    draft = Draft()
    x = draft.input("x", shape)
    attrs = {"keep_dims": keep_dims, "Tidx": DType("int32")}
    below = x
    if stable:
        largest = draft.typed("Max", "max", x, draft.const("axis", np.array(axis, np.int32)), **attrs)
        below = draft.typed("Sub", "below", *((largest, x) if swapped else (x, largest)))
    e = draft.typed("Exp", "exp", below)
    over = draft.const("sum_axis", np.array(axis if sum_axis is None else sum_axis, np.int32))
    total = draft.typed("Sum", "sum", e, over, **attrs)
    if reciprocal:
        return draft.graph(draft.typed("Mul", "y", draft.typed("Reciprocal", "inverse", total), e))
    return draft.graph(draft.typed("RealDiv", "y", e, total))


EXAMPLES = {
    "a division": softmax(),
    "a reciprocal": softmax(reciprocal=True),
    "axes as a list": softmax(axis=(2,)),
    "a matrix": softmax((6, 7), 1),
}


@pytest.mark.parametrize("before", EXAMPLES.values(), ids=EXAMPLES)
def test_it_is_one_softmax(before: Graph) -> None:
    result = after(before)
    assert show(result) == "x = Placeholder()\ny = Softmax(x)\n-> y"
    shape = before["x"].attrs["shape"].shape  # type: ignore[union-attr]
    assert_same_numbers(before, result, rtol=1e-6, x=np.random.default_rng(0).normal(0, 5, shape).astype(np.float32))


@pytest.mark.parametrize("row", [[1e4, 1e4, -1e9, 0, 3], [-1e9] * 5, [-3e38, 3e38, 0, 0, 0], [88, 89, 90, -90, -200]])
def test_large_values_and_masks(row: list[float]) -> None:
    before = softmax()
    x = np.broadcast_to(np.array(row, np.float32), (3, 4, 5))
    np.testing.assert_allclose(outputs_of(after(before), x=x)[0], outputs_of(before, x=x)[0], rtol=1e-6, atol=1e-7)


class TestLeavesAlone:
    @pytest.mark.parametrize(("axis", "sum_axis"), [(1, 1), (0, 0), (-1, 1), (1, -1), ((1, 2), (1, 2))])
    def test_other_axes(self, axis: object, sum_axis: object) -> None:
        assert refused(softmax((5, 5, 5), axis, sum_axis=sum_axis)) == "it isn't over the last axis"

    def test_a_dimension_that_is_dropped(self) -> None:
        assert refused(softmax((5, 5), keep_dims=False)) == "a reduction drops its dimension"

    def test_an_unknown_rank(self) -> None:
        assert refused(softmax(None, 1)) == "the rank isn't known"

    def test_one_that_overflows_where_softmax_does_not(self) -> None:
        assert refused(softmax(stable=False)) == ""

    def test_the_difference_the_other_way_round(self) -> None:
        assert refused(softmax(swapped=True)) == ""

    @pytest.mark.parametrize("more", ["exp", "sum", "max"])
    def test_a_part_that_somebody_else_reads(self, more: str) -> None:
        graph = softmax()
        assert refused(Graph(nodes=graph.nodes, outputs=("y", more), constants=graph.constants)) == ""
