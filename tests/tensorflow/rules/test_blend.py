from __future__ import annotations

from functools import partial
from itertools import product
from typing import Any

import numpy as np
import pytest
from applying import applied_all, declined_all
from fused_reference import assert_same_numbers
from graph_draft import Draft

from tfjsci.graph.graph import Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.blend import RULE

after = partial(applied_all, [RULE])
refused = partial(declined_all, [RULE])

X = np.random.default_rng(1).normal(size=(2, 6)).astype(np.float32)


def blended(
    bounded: str = "Tanh", *, one: Any = 1.0, order: tuple[bool, ...] = (False,) * 3, left: str = "", also: bool = False
) -> Graph:
    """z · a + (1 − z) · bounded(c), each pair of operands in the order told."""
    draft = Draft()
    x, a = draft.input("x", (None, 6)), draft.input("a", (None, 6))
    z = draft.typed("Sigmoid", "z", x)
    b = draft.typed(bounded, "b", draft.typed("Neg", "c", x))
    rest = draft.typed("Sub", "rest", draft.const("one", one), left or z)

    def both(op: str, name: str, first: str, second: str, turned: bool) -> str:
        return draft.typed(op, name, *((second, first) if turned else (first, second)))

    shares = both("Mul", "first", z, a, order[0]), both("Mul", "second", rest, b, order[1])
    y = both("AddV2", "y", *shares, order[2])
    return draft.graph(y, *([draft.typed("Exp", "also", rest)] if also else []))


EXAMPLES = {"a GRU's": blended(), "of a Sigmoid": blended("Sigmoid", order=(True, True, True))}


@pytest.mark.parametrize("order", list(product([False, True], repeat=3)))
def test_the_difference_is_multiplied(order: tuple[bool, ...]) -> None:
    before = blended(order=order)
    result = after(before)
    assert show(result).endswith("y/sub = Sub(a, b)\ny/mul = Mul(z, y/sub)\ny = AddV2(b, y/mul)\n-> y")
    for size in (1e-3, 1.0, 1e6):
        assert_same_numbers(before, result, x=X, a=(X[::-1] * size).astype(np.float32))


class TestLeavesAlone:
    @pytest.mark.parametrize("op", ["Relu", "Neg"])
    def test_what_may_be_large(self, op: str) -> None:
        """With −1e9 there and z = 1, a + 0 · −1e9 is a; −1e9 + (a + 1e9) isn't."""
        assert "nothing is left of the other" in refused(blended(op))

    @pytest.mark.parametrize("one", [0.5, [1.0] * 6])
    def test_shares_that_are_not_one_together(self, one: Any) -> None:
        assert "aren't 1 together" in refused(blended(one=one))

    def test_the_rest_of_another_share(self) -> None:
        assert refused(blended(left="x")) == ""

    def test_a_rest_that_others_read(self) -> None:
        assert refused(blended(also=True)) == ""
