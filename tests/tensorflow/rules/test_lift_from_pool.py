from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from applying import applied_once, inferred, refusals
from every_linear import CHANNELS, CONVOLUTIONS, Linear, conv, depthwise_multiplied, input_for
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights

from tfjsci.graph.graph import Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.lift_from_pool import RULES

POSITIVE = np.abs(weights(CHANNELS, seed=1))
SHIFT = weights(CHANNELS, seed=2)


def pooled(
    f: str = "Relu", c: Any = None, *, linear: Linear = conv, pool: str = "MaxPool", bias: str = "", **attrs: Any
) -> Graph:
    """f behind a pool of a convolution, with a bias or without."""
    draft = Draft()
    y = linear(draft)
    if bias == "BiasAdd":
        y = draft.bias_add("biased", y, draft.const("b", weights(CHANNELS, seed=3)))
    elif bias:
        y = draft.typed(bias, "biased", draft.const("b", weights(CHANNELS, seed=3)), y)
    size = (1, 2, 2, 1) if linear is conv or linear is depthwise_multiplied else (1, 1, 2, 1)
    y = draft.typed(
        "MaxPool" if pool == "MaxPool" else pool,
        "pool",
        y,
        ksize=size,
        strides=size,
        padding=b"SAME",
        data_format=b"NHWC",
    )
    inputs = (y,) if c is None else (y, draft.const("c", c))
    if f == "BiasAdd":
        attrs = {"data_format": b"NHWC", **attrs}
    return inferred(draft.graph(draft.typed(f, "y", *inputs, **attrs)))


ACTIVATIONS = ("Elu", "LeakyRelu", "Relu", "Relu6", "Sigmoid")
EXAMPLES = {
    **{f"{f} of a maximum": pooled(f, **({"alpha": 0.3} if f == "LeakyRelu" else {})) for f in ACTIVATIONS},
    "an activation, behind a bias": pooled(bias="BiasAdd"),
    "a factor": pooled("Mul", POSITIVE),
    "a factor of a mean": pooled("Mul", -POSITIVE, pool="AvgPool"),
    "a bias, behind another": pooled("AddV2", SHIFT, bias="BiasAdd"),
}


def test_the_pool_comes_last() -> None:
    assert show(applied_once(RULES, pooled(bias="BiasAdd"))) == (
        "x = Placeholder()\nlinear = Conv2D(x, w)\nbiased = BiasAdd(linear, b)\ny/relu = Relu(biased)\ny = MaxPool(y/relu)\n-> y"
    )


@pytest.mark.parametrize("bias", ["", "BiasAdd", "AddV2"])
@pytest.mark.parametrize("f", ACTIVATIONS)
def test_activations_of_a_maximum(f: str, bias: str) -> None:
    before = pooled(f, bias=bias, **({"alpha": 0.3} if f == "LeakyRelu" else {}))
    assert_same_numbers(before, applied_once(RULES, before), x=input_for(conv))


@pytest.mark.parametrize("linear", CONVOLUTIONS)
@pytest.mark.parametrize("pool", ["MaxPool", "AvgPool"])
@pytest.mark.parametrize(("f", "c"), [("Mul", POSITIVE), ("Mul", 0.5), ("AddV2", SHIFT), ("BiasAdd", SHIFT)])
def test_factors_and_addends(linear: Linear, pool: str, f: str, c: Any) -> None:
    before = pooled(f, c, linear=linear, pool=pool, bias="BiasAdd")
    assert_same_numbers(before, applied_once(RULES, before), x=input_for(linear))


class TestLeavesAlone:
    @pytest.mark.parametrize("number", [-1.0, 0.0, np.nan])
    def test_a_factor_that_turns_the_order_round(self, number: float) -> None:
        assert "isn't positive" in refusals(RULES, pooled("Mul", POSITIVE * np.array([1, 1, number, 1, 1, 1])))

    def test_a_negative_slope(self) -> None:
        assert "negative slope" in refusals(RULES, pooled("LeakyRelu", alpha=-0.1))

    @pytest.mark.parametrize("f", ACTIVATIONS)
    def test_an_activation_of_a_mean(self, f: str) -> None:
        assert "isn't the mean of the activations" in refusals(RULES, pooled(f, pool="AvgPool"))

    def test_an_activation_that_cannot_be_fused(self) -> None:
        assert refusals(RULES, pooled("Tanh")) == ""

    def test_a_constant_for_each_place(self) -> None:
        assert "isn't one number for each channel" in refusals(RULES, pooled("AddV2", weights(2, 3, CHANNELS)))

    def test_a_pool_of_something_else(self) -> None:
        draft = Draft()
        y = draft.typed("Tanh", "t", conv(draft))
        y = draft.typed(
            "MaxPool", "pool", y, ksize=(1, 2, 2, 1), strides=(1, 2, 2, 1), padding=b"SAME", data_format=b"NHWC"
        )
        assert refusals(RULES, inferred(draft.graph(draft.typed("Relu", "y", y)))) == ""

    @pytest.mark.parametrize("other", ["linear", "pool"])
    def test_what_somebody_else_reads(self, other: str) -> None:
        draft = Draft()
        y = conv(draft)
        y = draft.typed(
            "MaxPool", "pool", y, ksize=(1, 2, 2, 1), strides=(1, 2, 2, 1), padding=b"SAME", data_format=b"NHWC"
        )
        assert refusals(RULES, inferred(draft.graph(draft.typed("Relu", "y", y), draft.typed("Neg", "z", other)))) == ""
