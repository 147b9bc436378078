from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied_all, declined_all
from every_linear import CHANNELS, EVERY, Linear, conv, input_for, matmul
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights

from tfjsci.graph.graph import Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.rules import rules_of
from tfjsci.rewrite.rules.hard_swish import RULES

after = partial(applied_all, RULES)
refused = partial(declined_all, RULES)
FOLDING = (*RULES, *rules_of("fold_scale", "fold_scale_through_bias"))
SPELLINGS = ("keras", "gate", "last")


def ending(draft: Draft, x: str, spelling: str = "keras", *, factor: Any = 1 / 6, shift: Any = 3.0) -> Graph:
    """hard-swish of a node of the draft."""
    k = draft.const("k", factor)
    gate = draft.typed("Relu6", "gate", draft.typed("AddV2", "shifted", x, draft.const("three", shift)))
    if spelling == "keras":
        return draft.graph(draft.typed("Mul", "y", draft.typed("Mul", "scaled", k, x), gate))
    if spelling == "gate":
        return draft.graph(draft.typed("Mul", "y", x, draft.typed("Mul", "scaled", gate, k)))
    return draft.graph(draft.typed("Mul", "y", draft.typed("Mul", "scaled", x, gate), k))


def hard_swish(linear: Linear = conv, spelling: str = "keras", *, bias: bool = True, **numbers: Any) -> Graph:
    draft = Draft()
    x = linear(draft)
    if bias:
        x = draft.bias_add("biased", x, draft.const("b", weights(CHANNELS)))
    return ending(draft, x, spelling, **numbers)


def normed() -> Graph:
    draft = Draft()
    statistics = [draft.const(f"s{i}", abs(weights(CHANNELS, seed=i))) for i in range(4)]
    return ending(draft, draft.norm("norm", conv(draft), *statistics))


def in_heads() -> Graph:
    draft = Draft()
    y = draft.matmul("linear", draft.input("x", (4, 3)), draft.const("w", weights(3, CHANNELS)))
    shape = draft.const("shape", np.array([2, 2, CHANNELS], np.int32))
    return ending(draft, draft.typed("Reshape", "reshaped", y, shape))


EXAMPLES = {
    **{spelling: hard_swish(spelling=spelling) for spelling in SPELLINGS},
    "after a matrix product without a bias": hard_swish(matmul, bias=False),
    "after a batch norm": normed(),
    "after a Reshape": in_heads(),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_root_of_the_factor_goes_to_the_front(spelling: str) -> None:
    result = after(hard_swish(spelling=spelling))
    assert show(result) == "\n".join(
        [
            "x = Placeholder()",
            "linear = Conv2D(x, w)",
            "biased = BiasAdd(linear, b)",
            "y/scaled = Mul(biased, y/factor)",
            "shifted = AddV2(y/scaled, y/shift)",
            "gate = ClipByValue(shifted, y/low, y/high)",
            "y = Mul(y/scaled, gate)",
            "-> y",
        ]
    )
    numbers = {name: float(value.value) for name, value in result.constants.items() if name.startswith("y/")}
    root = math.sqrt(1 / 6)
    assert numbers == pytest.approx({"y/factor": root, "y/shift": 3 * root, "y/low": 0, "y/high": 6 * root})


@pytest.mark.parametrize("linear", EVERY)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_keeps_the_numbers_and_folds(linear: Linear, spelling: str) -> None:
    before = hard_swish(linear, spelling)
    result = applied_all(FOLDING, before)
    assert "scaled = Mul(" not in show(result)
    x = input_for(linear)
    assert_same_numbers(before, result, rtol=2e-6, x=x)
    assert_same_numbers(before, result, rtol=2e-6, x=10 * x)


@pytest.mark.parametrize("before", [normed(), in_heads()])
def test_past_a_batch_norm_and_a_reshape(before: Graph) -> None:
    x = np.random.default_rng(0).normal(size=(4, 3) if before["linear"].op == "MatMul" else (2, 4, 5, 3))
    assert_same_numbers(before, after(before), rtol=2e-6, x=x.astype(np.float32))


class TestLeavesAlone:
    def test_where_no_kernel_is_in_front(self) -> None:
        draft = Draft()
        assert refused(ending(draft, draft.input("x", (2, 3)))) == "no layer in front could take the factor in"

    def test_behind_an_activation(self) -> None:
        draft = Draft()
        assert "no layer in front" in refused(ending(draft, draft.typed("Sigmoid", "s", conv(draft))))

    @pytest.mark.parametrize("more", ["linear", "biased"])
    def test_where_somebody_else_reads_it(self, more: str) -> None:
        graph = hard_swish()
        both = Graph(nodes=graph.nodes, outputs=("y", more), constants=graph.constants)
        assert "no layer in front" in refused(both)

    def test_a_residual(self) -> None:
        draft = Draft()
        y = draft.matmul("linear", draft.input("x", (2, CHANNELS)), draft.const("w", weights(CHANNELS, CHANNELS)))
        assert "no layer in front" in refused(ending(draft, draft.typed("AddV2", "sum", y, "x")))

    @pytest.mark.parametrize("factor", [0.0, -1.0, np.inf])
    def test_a_factor_without_a_root(self, factor: float) -> None:
        assert "has no root" in refused(hard_swish(factor=factor))

    @pytest.mark.parametrize("numbers", [{"factor": weights(CHANNELS)}, {"shift": weights(CHANNELS)}])
    def test_constants_that_are_no_single_numbers(self, numbers: Any) -> None:
        assert refused(hard_swish(**numbers)) == "its constants aren't single floats"

    def test_the_gate_of_something_else(self) -> None:
        draft = Draft()
        conv(draft)
        other = draft.typed("Relu", "other", "linear")
        gate = draft.typed("Relu6", "gate", draft.typed("AddV2", "shifted", other, draft.const("three", 3.0)))
        scaled = draft.typed("Mul", "scaled", draft.const("k", 1 / 6), "linear")
        assert refused(draft.graph(draft.typed("Mul", "y", scaled, gate))) == ""
