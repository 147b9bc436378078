from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from applying import applied, declined, inferred
from fused_reference import assert_same_numbers
from graph_draft import Draft

from tfjsci.graph.graph import DType, Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.transpose_as_reshape import RULE

after = partial(applied, RULE)
refused = partial(declined, RULE)


def turned(shape: tuple[int | None, ...], order: tuple[int, ...], *, typed: bool = True) -> Graph:
    draft = Draft()
    numbers = draft.const("order", np.array(order, np.int32))
    graph = draft.graph(draft.typed("Transpose", "y", draft.input("x", shape), numbers, Tperm=DType("int32")))
    return inferred(graph) if typed else graph


EXAMPLES = {
    "pooled channels": turned((None, 1, 1, 3), (0, 3, 1, 2)),
    "grey images": turned((2, 4, 5, 1), (0, 3, 1, 2)),
}


@pytest.mark.parametrize(
    ("shape", "order", "sizes"),
    [
        ((None, 1, 1, 3), (0, 3, 1, 2), [-1, 3, 1, 1]),
        ((2, 3, 1, 1), (0, 2, 3, 1), [2, 1, 1, 3]),
        ((None, 4, 5, 1), (0, 3, 1, 2), None),
        ((2, 4, 5, 1), (0, 3, 1, 2), [2, 1, 4, 5]),
        ((1, 7), (1, 0), [7, 1]),
        ((None, 6, 1), (0, 2, 1), [-1, 1, 6]),
    ],
)
def test_sizes_of_1_cost_nothing_to_move(
    shape: tuple[int | None, ...], order: tuple[int, ...], sizes: list[int] | None
) -> None:
    before = turned(shape, order)
    result = after(before)
    assert show(result) == "x = Placeholder()\ny = Reshape(x, y/shape)\n-> y"
    assert sizes is None or result.constants["y/shape"].value.tolist() == sizes
    x = np.random.default_rng(1).normal(size=[2 if n is None else n for n in shape]).astype(np.float32)
    assert_same_numbers(before, result, x=x)


class TestLeavesAlone:
    def test_sizes_that_change_places(self) -> None:
        assert "more than one value" in refused(turned((None, 2, 1, 3), (0, 3, 1, 2)))

    def test_a_size_that_may_be_1_but_is_not_known_to_be(self) -> None:
        assert "more than one value" in refused(turned((2, None, 3, 1), (0, 2, 1, 3)))

    def test_two_sizes_of_the_run(self) -> None:
        assert "aren't known" in refused(turned((None, None, 1, 3), (0, 2, 1, 3)))

    def test_an_unknown_shape(self) -> None:
        assert refused(turned((None, 1, 3), (0, 2, 1), typed=False)) == "the shape isn't known"
