from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from applying import applied_once, inferred, refusals
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights
from weighted import KINDS, MADE

from tfjsci.graph.graph import Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.engine import apply_rules
from tfjsci.rewrite.pipeline import FOLDING
from tfjsci.rewrite.rules.lift_from_relu import RULES


def scaled(kind: str = "conv same", scale: Any = None, *, bias: bool = True, relu: str = "Relu", **attrs: Any) -> Graph:
    draft, made = Draft(), KINDS[kind]
    y = made.of(draft, draft.input("x", made.x))
    if bias:
        y = draft.typed("AddV2", "biased", y, draft.const("b", weights(1, made.made, seed=3)))
    y = draft.typed(relu, "relu", y, **attrs)
    s = draft.const("s", np.abs(weights(1, made.made, seed=1)) if scale is None else scale)
    return inferred(draft.graph(draft.typed("Mul", "y", y, s)))


EXAMPLES = {
    "behind a bias": scaled(),
    "without one": scaled(bias=False),
    "a product": scaled("matmul"),
    "a volume": scaled("conv3d"),
}


def test_the_factor_stands_before_the_activation() -> None:
    assert show(applied_once(RULES, scaled())) == (
        "x = Placeholder()\nlinear = Conv2D(x, w)\nbiased = AddV2(linear, b)\ny/mul = Mul(biased, s)\ny = Relu(y/mul)\n-> y"
    )


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_keeps_the_numbers(kind: str, bias: bool) -> None:
    before = scaled(kind, bias=bias)
    folded = apply_rules(before, (*RULES, *FOLDING)).graph
    assert "= Mul(" not in show(folded)
    for result in (applied_once(RULES, before), folded):
        assert_same_numbers(before, result, x=KINDS[kind].input())


@pytest.mark.parametrize("alpha", [0.3, -0.3, 2.0])
def test_a_leaky_relu_passes_factors_whatever_its_slope(alpha: float) -> None:
    before = scaled(relu="LeakyRelu", alpha=alpha)
    assert_same_numbers(before, applied_once(RULES, before), x=KINDS["conv same"].input())


class TestLeavesAlone:
    @pytest.mark.parametrize("number", [-1.0, 0.0, np.inf])
    def test_a_factor_that_turns_the_activation_round(self, number: float) -> None:
        assert "isn't positive" in refusals(RULES, scaled(scale=np.array([1, 1, number, 1, 1, 1])))

    @pytest.mark.parametrize("relu", ["Relu6", "Elu", "Sigmoid"])
    def test_what_bends_elsewhere_too(self, relu: str) -> None:
        assert refusals(RULES, scaled(relu=relu)) == ""

    def test_a_factor_for_each_place(self) -> None:
        assert "isn't one number for each channel" in refusals(RULES, scaled(scale=np.abs(weights(5, 6, MADE))))

    def test_what_no_kernel_makes(self) -> None:
        draft = Draft()
        y = draft.typed("Relu", "relu", draft.input("x", (None, 4)))
        assert refusals(RULES, inferred(draft.graph(draft.typed("Mul", "y", y, draft.const("s", 2.0))))) == ""

    @pytest.mark.parametrize("name", ["linear", "biased", "relu"])
    def test_what_somebody_else_reads(self, name: str) -> None:
        graph = scaled()
        again = Graph(nodes=graph.nodes, outputs=("y", name), constants=graph.constants, types=graph.types)
        assert refusals(RULES, again) == ""
