from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from applying import applied_once, inferred, refusals
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights

from tfjsci.graph.graph import DType, Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.engine import apply_rules
from tfjsci.rewrite.pipeline import FUSING, SLOPES
from tfjsci.rewrite.rules.prelu_spellings import RULES

X = np.random.default_rng(1).normal(size=(2, 3, 5, 4)).astype(np.float32)
ALPHA = np.abs(weights(4)) / 2
SHAPE = (None, 3, 5, 4)

Spelling = Callable[[Draft, Any, bool], str]


def below(draft: Draft) -> str:
    return draft.typed("Relu", "below", draft.typed("Neg", "minus", "x"))


def keras(draft: Draft, alpha: Any, swapped: bool) -> str:
    slope = [draft.const("a", -np.asarray(alpha)), below(draft)]
    both = [draft.typed("Relu", "above", "x"), draft.typed("Mul", "slope", *(slope[::-1] if swapped else slope))]
    return draft.typed("AddV2", "y", *(both[::-1] if swapped else both))


def difference(draft: Draft, alpha: Any, swapped: bool) -> str:
    slope = [draft.const("a", alpha), below(draft)]
    above = draft.typed("Relu", "above", "x")
    return draft.typed("Sub", "y", above, draft.typed("Mul", "slope", *(slope[::-1] if swapped else slope)))


def bounded(draft: Draft, alpha: Any, swapped: bool) -> str:
    """Its maximum is a Relu for another rule first."""
    zero = draft.const("zero", 0.0)
    above = draft.typed("Maximum", "above", *(("x", zero) if swapped else (zero, "x")))
    slope = [draft.const("a", alpha), draft.typed("Minimum", "below", *(("x", zero) if swapped else (zero, "x")))]
    both = [above, draft.typed("Mul", "slope", *slope)]
    return draft.typed("AddV2", "y", *(both[::-1] if swapped else both))


def relu_and_minimum(draft: Draft, alpha: Any, swapped: bool) -> str:
    slope = [draft.const("a", alpha), draft.typed("Minimum", "below", "x", draft.const("zero", 0.0))]
    both = [draft.typed("Relu", "above", "x"), draft.typed("Mul", "slope", *slope)]
    return draft.typed("Add", "y", *(both[::-1] if swapped else both))


def greatest(draft: Draft, alpha: Any, swapped: bool) -> str:
    both = ["x", draft.typed("Mul", "slope", "x", draft.const("a", alpha))]
    return draft.typed("Maximum", "y", *(both[::-1] if swapped else both))


def chosen(draft: Draft, alpha: Any, swapped: bool) -> str:
    positive = draft.typed("GreaterEqual" if swapped else "Greater", "positive", "x", draft.const("zero", 0.0))
    return draft.typed("SelectV2", "y", positive, "x", draft.typed("Mul", "slope", "x", draft.const("a", alpha)))


def chosen_below(draft: Draft, alpha: Any, swapped: bool) -> str:
    negative = draft.typed("LessEqual" if swapped else "Less", "negative", "x", draft.const("zero", 0.0))
    return draft.typed("SelectV2", "y", negative, draft.typed("Mul", "slope", "x", draft.const("a", alpha)), "x")


SPELLINGS: tuple[Spelling, ...] = (
    keras, difference, relu_and_minimum, greatest, chosen, chosen_below,
)  # fmt: skip


def spelled(spelling: Spelling, alpha: Any = ALPHA, *, swapped: bool = False, shape: Any = SHAPE) -> Graph:
    draft = Draft()
    draft.input("x", shape)
    return inferred(draft.graph(spelling(draft, alpha, swapped)))


EXAMPLES = {
    **{f"{spelling.__name__}": spelled(spelling, shape=(2, 3, 5, 4)) for spelling in SPELLINGS},
    "bounded twice": spelled(bounded, shape=(2, 3, 5, 4)),
    "slopes for each place": spelled(keras, np.abs(weights(3, 5, 4)) / 2, shape=(2, 3, 5, 4)),
    "negative and steep slopes": spelled(keras, np.array([-1.5, 2.0, 0.0, 1.0]), shape=(2, 3, 5, 4)),
    "one slope": spelled(greatest, 0.25, shape=(2, 3, 5, 4)),
    "on rows": spelled(keras, shape=(3, 4)),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_one_op_is_left(spelling: Spelling) -> None:
    assert show(applied_once(RULES, spelled(spelling))) == "x = Placeholder()\ny = Prelu(x, a)\n-> y"


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("alpha", [ALPHA, 0.25, ALPHA.reshape(1, 1, 4), np.abs(weights(3, 5, 4)) / 2])
def test_keeps_the_numbers(spelling: Spelling, alpha: Any, swapped: bool) -> None:
    before = spelled(spelling, alpha, swapped=swapped)
    assert_same_numbers(before, applied_once(RULES, before), x=X)


@pytest.mark.parametrize("spelling", [keras, difference, relu_and_minimum, chosen, chosen_below])
def test_slopes_that_are_negative_or_steep(spelling: Spelling) -> None:
    before = spelled(spelling, np.array([-1.5, 2.0, 0.0, 1.0]))
    assert_same_numbers(before, applied_once(RULES, before), x=X)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_one_slope_is_a_leaky_relu(spelling: Spelling) -> None:
    result = applied_once(RULES, spelled(spelling, 0.25))
    assert show(result) == "x = Placeholder()\ny = LeakyRelu(x)\n-> y"
    assert result["y"].attrs["alpha"] == 0.25


@pytest.mark.parametrize("between", ["Squeeze", "Reshape"])
def test_slopes_reach_the_layer_before_a_squeeze_or_a_reshape(between: str) -> None:
    draft = Draft()
    if between == "Squeeze":
        y = draft.conv("linear", draft.input("x", (None, 1, 5, 4)), draft.const("w", weights(1, 3, 4, 4)))
        y = draft.typed("Squeeze", "between", y, squeeze_dims=(1,))
    else:
        y = draft.matmul("linear", draft.input("x", (10, 4)), draft.const("w", weights(4, 4)))
        y = draft.typed(
            "Reshape", "between", y, draft.const("shape", np.array([-1, 5, 4], np.int32)), Tshape=DType("int32")
        )
    slope = [draft.const("a", -ALPHA), draft.typed("Relu", "below", draft.typed("Neg", "minus", y))]
    y = draft.typed("AddV2", "y", draft.typed("Relu", "above", y), draft.typed("Mul", "slope", *slope))
    before = inferred(draft.graph(y))
    result = apply_rules(apply_rules(before, SLOPES).graph, FUSING).graph
    kinds = [node.op for node in result if node.op not in {"Const", "Placeholder"}]
    assert kinds == [{"Squeeze": "_FusedConv2D", "Reshape": "_FusedMatMul"}[between], between]
    x = np.random.default_rng(1).normal(size=(2, 1, 5, 4) if between == "Squeeze" else (10, 4)).astype(np.float32)
    assert_same_numbers(before, result, x=x)


def test_slopes_that_two_share_stay_as_they_are() -> None:
    """Upstream's converter turns the sign of the shared constant round, for everybody."""
    draft = Draft()
    draft.input("x", SHAPE)
    y = keras(draft, ALPHA, False)
    before = inferred(draft.graph(y, draft.typed("Mul", "z", "x", "a")))
    result = applied_once(RULES, before)
    assert show(result) == "x = Placeholder()\ny = Prelu(x, a_1)\nz = Mul(x, a)\n-> y, z"
    assert_same_numbers(before, result, x=X)


class TestLeavesAlone:
    @pytest.mark.parametrize("slope", [-0.1, 1.5])
    def test_a_maximum_that_bends_the_other_way(self, slope: float) -> None:
        assert "isn't from 0 to 1" in refusals(RULES, spelled(greatest, np.array([0.5, slope, 0.5, 0.5])))

    def test_slopes_that_do_not_end_like_the_input(self) -> None:
        """wasm reads them one after another, over and over."""
        assert "isn't known to be how x's ends" in refusals(RULES, spelled(keras, np.abs(weights(3, 1, 1))))
        assert "isn't known to be how x's ends" in refusals(RULES, spelled(keras, np.abs(weights(3, 5, 1))))

    def test_slopes_that_make_more_of_the_input(self) -> None:
        assert "isn't known to be how x's ends" in refusals(RULES, spelled(keras, shape=(None, 3, 5, 1)))

    def test_a_shape_that_is_not_known(self) -> None:
        assert "isn't known to be how x's ends" in refusals(RULES, spelled(keras, shape=(None, 3, 5, None)))

    def test_what_bends_elsewhere(self) -> None:
        draft = Draft()
        draft.input("x", SHAPE)
        positive = draft.typed("Greater", "positive", "x", draft.const("zero", 0.5))
        y = draft.typed("SelectV2", "y", positive, "x", draft.typed("Mul", "slope", "x", draft.const("a", ALPHA)))
        assert refusals(RULES, inferred(draft.graph(y))) == "it doesn't bend at zero"

    def test_two_different_inputs(self) -> None:
        draft = Draft()
        draft.input("x", SHAPE)
        z = draft.input("z", SHAPE)
        slope = draft.typed("Mul", "slope", below(draft), draft.const("a", -ALPHA))
        assert (
            refusals(RULES, inferred(draft.graph(draft.typed("AddV2", "y", draft.typed("Relu", "above", z), slope))))
            == ""
        )

    def test_a_slope_that_is_not_finite(self) -> None:
        assert refusals(RULES, spelled(keras, np.array([0.1, np.inf, 0.1, 0.1]))) == "a slope isn't finite"

    @pytest.mark.parametrize("name", ["above", "below", "slope", "minus"])
    def test_what_somebody_else_reads(self, name: str) -> None:
        draft = Draft()
        draft.input("x", SHAPE)
        y = keras(draft, ALPHA, False)
        assert refusals(RULES, inferred(draft.graph(y, draft.typed("Neg", "z", name)))) == ""

    def test_integers(self) -> None:
        draft = Draft("int32")
        x = draft.input("x", SHAPE)
        slope = draft.typed("Mul", "slope", x, draft.const("a", np.ones(4, np.int32)))
        y = draft.typed("Maximum", "y", x, slope)
        assert draft.dtype == "int32"
        assert DType("int32") in draft.nodes[-1].attrs.values()
        assert refusals(RULES, inferred(draft.graph(y))) == "the numbers aren't floating"
