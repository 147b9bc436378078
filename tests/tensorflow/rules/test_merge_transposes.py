from __future__ import annotations

from functools import partial
from itertools import permutations

import numpy as np
import pytest
from applying import applied, declined
from fused_reference import assert_same_numbers
from graph_draft import Draft
from hypothesis import given, settings
from hypothesis import strategies as st

from tfjsci.graph.graph import DType, Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.merge_transposes import RULE

after = partial(applied, RULE)
refused = partial(declined, RULE)

LAST, FIRST = (0, 2, 3, 1), (0, 3, 1, 2)
X = np.random.default_rng(1).normal(size=(2, 3, 4, 5)).astype(np.float32)


def turned(draft: Draft, name: str, x: str, order: tuple[int, ...]) -> str:
    numbers = draft.const(f"{name}/order", np.array(order, np.int32))
    return draft.typed("Transpose", name, x, numbers, Tperm=DType("int32"))


def twice(first: tuple[int, ...], second: tuple[int, ...]) -> Graph:
    draft = Draft()
    return draft.graph(turned(draft, "y", turned(draft, "t", draft.input("x", (None, 3, 4, 5)), first), second))


EXAMPLES = {"nothing is left": twice(LAST, FIRST), "one is left": twice(LAST, LAST)}


def test_two_that_undo_each_other_are_nothing() -> None:
    assert show(after(twice(LAST, FIRST))) == "x = Placeholder()\ny = Identity(x)\n-> y"


def test_two_others_are_one() -> None:
    result = after(twice(LAST, LAST))
    assert show(result) == "x = Placeholder()\ny = Transpose(x, y/const)\n-> y"
    assert result.constants["y/const"].value.tolist() == [0, 3, 1, 2]


@given(st.sampled_from(list(permutations(range(4)))), st.sampled_from(list(permutations(range(4)))))
@settings(max_examples=15, deadline=None)
def test_keeps_the_numbers(first: tuple[int, ...], second: tuple[int, ...]) -> None:
    assert_same_numbers(twice(first, second), after(twice(first, second)), x=X)


def test_axes_counted_from_the_end() -> None:
    before = twice((0, -1, 1, 2), (0, 2, 3, 1))
    assert show(after(before)) == "x = Placeholder()\ny = Identity(x)\n-> y"
    assert_same_numbers(before, after(before), x=X)


def test_the_inner_one_stays_for_its_other_readers() -> None:
    draft = Draft()
    t = turned(draft, "t", draft.input("x", (None, 3, 4, 5)), LAST)
    turned(draft, "y", t, FIRST)
    before = draft.graph("y", draft.typed("Relu", "z", "t"))
    result = after(before)
    assert show(result) == ("x = Placeholder()\nt = Transpose(x, t/order)\ny = Identity(x)\nz = Relu(t)\n-> y, z")
    assert_same_numbers(before, result, x=X)


def test_an_identity_between_hides_nothing() -> None:
    draft = Draft()
    t = turned(draft, "t", draft.input("x", (None, 3, 4, 5)), LAST)
    before = draft.graph(turned(draft, "y", draft.typed("Identity", "i", t), FIRST))
    assert show(after(before)) == "x = Placeholder()\ny = Identity(x)\n-> y"


class TestLeavesAlone:
    def test_one_by_itself(self) -> None:
        draft = Draft()
        assert "isn't transposed" in refused(draft.graph(turned(draft, "y", draft.input("x", (None, 3, 4, 5)), LAST)))

    def test_an_inner_order_of_the_run(self) -> None:
        draft = Draft()
        x, p = draft.input("x", (2, 3, 4, 5)), draft.op("Placeholder", "p", dtype=DType("int32"))
        inner = draft.typed("Transpose", "t", x, p, Tperm=DType("int32"))
        assert "isn't transposed" in refused(draft.graph(turned(draft, "y", inner, LAST)))

    def test_an_op_between(self) -> None:
        draft = Draft()
        t = turned(draft, "t", draft.input("x", (None, 3, 4, 5)), LAST)
        assert "isn't transposed" in refused(draft.graph(turned(draft, "y", draft.typed("Relu", "r", t), FIRST)))

    @pytest.mark.parametrize("outputs", [("y", "t"), ("t", "y")])
    def test_an_inner_one_that_is_an_output_is_kept(self, outputs: tuple[str, str]) -> None:
        draft = Draft()
        turned(draft, "y", turned(draft, "t", draft.input("x", (None, 3, 4, 5)), LAST), FIRST)
        assert show(after(draft.graph(*outputs))).endswith(f"-> {', '.join(outputs)}")
