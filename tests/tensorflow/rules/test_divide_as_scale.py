from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied, declined, inferred
from every_linear import conv, input_for
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights

from tfjsci.graph.graph import Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.divide_as_scale import RULE

after = partial(applied, RULE)
refused = partial(declined, RULE)


def combined(op: str = "RealDiv", value: Any = None, *, swapped: bool = False) -> Graph:
    """A convolution divided by a constant, or less one."""
    draft = Draft()
    y, c = conv(draft), draft.const("c", weights(6) if value is None else value)
    return inferred(draft.graph(draft.typed(op, "y", *((c, y) if swapped else (y, c)))))


def preprocessed(value: Any = 127.5, end: str = "conv") -> Graph:
    draft = Draft()
    y = draft.typed("RealDiv", "scaled", draft.input("x", (None, 4, 5, 3)), draft.const("c", value))
    w = draft.const("w", weights(3, 2, 3, 6))
    return inferred(draft.graph(draft.conv("y", y, w) if end == "conv" else draft.typed(end, "y", y)))


EXAMPLES = {"divided": combined(), "subtracted": combined("Sub"), "before a layer": preprocessed()}


def test_a_division_is_a_multiplication() -> None:
    assert show(after(combined())) == "x = Placeholder()\nlinear = Conv2D(x, w)\ny = Mul(linear, c)\n-> y"


def test_a_subtraction_is_an_addition() -> None:
    result = after(combined("Sub"))
    assert show(result) == "x = Placeholder()\nlinear = Conv2D(x, w)\ny = AddV2(linear, c)\n-> y"
    assert result.constants["c"].sources == ("c",)


@pytest.mark.parametrize("op", ["RealDiv", "Sub"])
@pytest.mark.parametrize("value", [None, -0.125, weights(4, 5, 1)])
def test_keeps_the_numbers(op: str, value: Any) -> None:
    before = combined(op, value)
    assert_same_numbers(before, after(before), x=input_for(conv))


def test_before_a_layer_that_takes_the_factor_in() -> None:
    assert show(after(preprocessed())).startswith("x = Placeholder()\nscaled = Mul(x, c)\n")
    assert_same_numbers(preprocessed(), after(preprocessed()), x=input_for(conv))


class TestLeavesAlone:
    @pytest.mark.parametrize("value", [0.0, np.inf, 1e-39, 3e38])
    def test_a_divisor_without_a_reciprocal(self, value: float) -> None:
        assert "has no reciprocal" in refused(combined(value=value))

    def test_a_division_that_nothing_could_take_in(self) -> None:
        assert refused(preprocessed(end="Tanh")) == "nothing beside it could take the factor in"

    @pytest.mark.parametrize("op", ["RealDiv", "Sub"])
    def test_a_constant_on_the_left(self, op: str) -> None:
        assert refused(combined(op, swapped=True)) == ""

    @pytest.mark.parametrize("op", ["RealDiv", "Sub"])
    def test_integers(self, op: str) -> None:
        draft = Draft("int32")
        y = draft.typed(op, "y", draft.input("x", (2, 3)), draft.const("c", np.array([1, 2, 3], np.int32)))
        assert "not floating" in refused(inferred(draft.graph(y)))
