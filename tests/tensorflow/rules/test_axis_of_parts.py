from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from applying import applied_all, declined_all
from fused_reference import assert_same_numbers
from graph_draft import Draft

from tfjsci.graph.graph import DType, Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.axis_of_parts import RULES

after = partial(applied_all, RULES)
refused = partial(declined_all, RULES)

X = np.random.default_rng(1).normal(size=(2, 3, 4)).astype(np.float32)


def turned(draft: Draft, name: str, x: str, order: tuple[int, ...]) -> str:
    numbers = draft.const(f"{name}/order", np.array(order, np.int32))
    return draft.typed("Transpose", name, x, numbers, Tperm=DType("int32"))


def apart(order: tuple[int, ...] = (1, 0, 2), axis: int = 0, *, also: bool = False) -> Graph:
    """x is transposed, taken apart, and its parts are told apart."""
    draft = Draft()
    t = turned(draft, "t", draft.input("x", (None, 3, 4)), order)
    count = (2, 3, 4)[order[axis % 3]]
    parts = draft.typed("Unpack", "parts", t, axis=axis, num=count)
    outputs = [
        draft.typed("Mul", f"y{i}", f"{parts}:{i}", draft.const(f"c{i}", np.float32(i + 1))) for i in range(count)
    ]
    return draft.graph(*outputs, *([draft.typed("Relu", "also", t)] if also else []))


def joined(order: tuple[int, ...] = (1, 0, 2), axis: int = 0, *, also: bool = False) -> Graph:
    """Three tensors of a rank below, stacked, then transposed."""
    draft = Draft()
    x = draft.input("x", (2, 3, 4))
    parts = [x, draft.typed("Relu", "relu", x), draft.typed("Neg", "minus", x)]
    pack = draft.typed("Pack", "pack", *parts, axis=axis, N=3)
    y = turned(draft, "y", pack, order)
    return draft.graph(y, *([draft.typed("Relu", "also", pack)] if also else []))


EXAMPLES = {
    "apart": apart(),
    "apart, the last dimension": apart((2, 0, 1), 0),
    "joined": joined((1, 0, 2, 3)),
    "joined, from the last dimension": joined((0, 3, 1, 2), -1),
}


@pytest.mark.parametrize(
    ("order", "axis", "found"), [((1, 0, 2), 0, 1), ((2, 0, 1), 0, 2), ((1, 2, 0), 2, 0), ((0, 2, 1), -2, 2)]
)
def test_parts_of_what_is_transposed(order: tuple[int, ...], axis: int, found: int) -> None:
    before = apart(order, axis)
    result = after(before)
    assert "Transpose" not in show(result)
    assert result["parts"].attrs["axis"] == found
    assert_same_numbers(before, result, x=X)


@pytest.mark.parametrize(
    ("order", "axis", "found"),
    [((1, 0, 2, 3), 0, 1), ((0, 3, 1, 2), -1, 1), ((1, 2, 3, 0), 0, 3), ((1, 0, 2, 3), 1, 0)],
)
def test_parts_that_are_joined(order: tuple[int, ...], axis: int, found: int) -> None:
    before = joined(order, axis)
    result = after(before)
    assert "Transpose" not in show(result)
    assert result["y"].attrs["axis"] == found
    assert_same_numbers(before, result, x=X)


def test_the_transpose_stays_for_its_other_readers() -> None:
    before = apart(also=True)
    result = after(before)
    assert result["parts"].inputs == ("x",)
    assert "t" in result
    assert_same_numbers(before, result, x=X)


class TestLeavesAlone:
    @pytest.mark.parametrize(("order", "axis"), [((1, 2, 0), 0), ((2, 1, 0), 0), ((0, 2, 1), 0)])
    def test_parts_that_are_transposed_themselves(self, order: tuple[int, ...], axis: int) -> None:
        assert "of the parts, too" in refused(apart(order, axis))

    def test_joined_parts_that_are_transposed_themselves(self) -> None:
        assert "of the parts, too" in refused(joined((1, 0, 3, 2)))

    def test_what_is_not_transposed(self) -> None:
        draft = Draft()
        draft.typed("Unpack", "parts", draft.input("x", (2, 3, 4)), axis=1, num=3)
        assert "isn't transposed" in refused(draft.graph("parts", "parts:1", "parts:2"))

    def test_a_stack_that_others_read(self) -> None:
        assert refused(joined((1, 0, 2, 3), also=True)) == ""
