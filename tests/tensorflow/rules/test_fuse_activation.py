from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied, declined
from every_linear import EVERY, Linear, conv, depthwise, input_for, matmul
from fused_reference import ACTIVATIONS, assert_same_numbers
from graph_draft import Draft, weights

from tfjsci.graph.graph import Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.engine import apply_rules
from tfjsci.rewrite.groups import FUSING
from tfjsci.rewrite.rules import fuse_bias
from tfjsci.rewrite.rules.fuse_activation import PRELU, RULE

after = partial(applied, RULE)
refused = partial(declined, RULE)


def activated(linear: Linear = conv, activation: str = "Relu", **attrs: Any) -> Graph:
    """An activation on plain ops."""
    draft = Draft()
    y = draft.bias_add("biased", linear(draft), draft.const("b", weights(6)))
    return draft.graph(draft.typed(activation, "y", y, **attrs))


def sloped(linear: Linear = conv, slopes: Any = None) -> Graph:
    """A fused op, and a Prelu behind it."""
    draft = Draft()
    y = draft.bias_add("biased", linear(draft), draft.const("b", weights(6)))
    alpha = weights(6, seed=5) if slopes is None else slopes
    return applied(fuse_bias.RULE, draft.graph(draft.typed("Prelu", "y", y, draft.const("alpha", alpha))))


def fused(linear: Linear = conv, activation: str = "Relu", **attrs: Any) -> Graph:
    """The same, with the bias fused already."""
    return applied(fuse_bias.RULE, activated(linear, activation, **attrs))


def spelled(linear: Linear) -> Graph:
    """A Prelu as Keras writes it: an example for the browser."""
    draft = Draft()
    y = draft.bias_add("biased", linear(draft), draft.const("b", weights(6)))
    below = draft.typed("Relu", "below", draft.typed("Neg", "minus", y))
    slope = draft.typed("Mul", "slope", below, draft.const("alpha", -weights(6, seed=5)))
    return draft.graph(draft.typed("AddV2", "y", draft.typed("Relu", "above", y), slope))


EXAMPLES = {
    f"{activation} of {linear.__name__}": activated(
        linear, activation, **({"alpha": 0.35} if activation == "LeakyRelu" else {})
    )
    for activation in ACTIVATIONS
    for linear in (conv, depthwise, matmul)
}
EXAMPLES |= {f"Prelu of {linear.__name__}": spelled(linear) for linear in (conv, depthwise, matmul)}


def test_the_activation_becomes_one_more_fused_op() -> None:
    result = after(fused())
    assert show(result) == "x = Placeholder()\ny = _FusedConv2D(x, w, b)\n-> y"
    assert result["y"].attrs == {**fused()["biased"].attrs, "fused_ops": (b"BiasAdd", b"Relu")}


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("linear", EVERY)
def test_keeps_the_numbers(linear: Linear, activation: str) -> None:
    before = activated(linear, activation, **({"alpha": 0.35} if activation == "LeakyRelu" else {}))
    result = apply_rules(before, FUSING).graph
    assert len([node for node in result if node.op not in {"Const", "Placeholder"}]) == 1
    assert_same_numbers(before, result, x=input_for(linear))


def test_a_leaky_relu_brings_its_slope() -> None:
    result = after(fused(matmul, "LeakyRelu", alpha=0.35))
    assert result["y"].attrs["leakyrelu_alpha"] == 0.35


def test_a_leaky_relu_that_does_not_tell_its_slope_has_tensorflows() -> None:
    assert after(fused(matmul, "LeakyRelu"))["y"].attrs["leakyrelu_alpha"] == 0.2


def test_a_leaky_relu_is_a_prelu_on_the_depthwise_op_where_its_slope_would_be_lost() -> None:
    result = after(fused(depthwise, "LeakyRelu", alpha=0.35))
    assert show(result) == "x = Placeholder()\ny = FusedDepthwiseConv2dNative(x, w, b, y/alpha)\n-> y"
    np.testing.assert_allclose(result.constants["y/alpha"].value, [0.35] * 6)
    assert result["y"].attrs["fused_ops"] == (b"BiasAdd", b"Prelu")
    assert result["y"].attrs["num_args"] == 2


@pytest.mark.parametrize("linear", EVERY)
def test_a_prelu_brings_its_slopes(linear: Linear) -> None:
    before = sloped(linear)
    result = applied(PRELU, before)
    assert result["y"].inputs == ("x", "w", "b", "alpha")
    assert result["y"].attrs["num_args"] == 2
    assert_same_numbers(before, result, x=input_for(linear))


class TestLeavesAlone:
    @pytest.mark.parametrize("shape", [(1, 1, 6), (4, 5, 6), (5, 6)])
    def test_slopes_that_are_not_one_a_channel(self, shape: tuple[int, ...]) -> None:
        assert "the slopes have shape" in declined(PRELU, sloped(slopes=weights(*shape)))

    def test_slopes_that_are_computed(self) -> None:
        draft = Draft()
        y = draft.bias_add("biased", conv(draft), draft.const("b", weights(6)))
        alpha = draft.typed("Neg", "n", draft.const("alpha", weights(6)))
        graph = applied(fuse_bias.RULE, draft.graph(draft.typed("Prelu", "y", y, alpha)))
        assert declined(PRELU, graph) == ""

    @pytest.mark.parametrize("activation", ["Tanh", "Selu", "Softplus", "Softmax", "_FusedHardSwish", "Identity"])
    def test_what_the_runtime_cannot_fuse(self, activation: str) -> None:
        assert refused(fused(activation=activation)) == ""

    def test_a_second_activation(self) -> None:
        draft = Draft()
        conv(draft)
        draft.bias_add("biased", "linear", draft.const("b", weights(6)))
        draft.typed("Relu6", "y", draft.typed("Relu", "r", "biased"))
        once = apply_rules(draft.graph("y"), FUSING)
        assert show(once.graph) == "x = Placeholder()\nr = _FusedConv2D(x, w, b)\ny = Relu6(r)\n-> y"
        assert "something is fused already" in refused(once.graph)
        assert_same_numbers(draft.graph("y"), once.graph, x=input_for(conv))

    def test_one_that_somebody_else_reads_before_the_activation(self) -> None:
        """Upstream's converter fuses here, and the second reader computes with the wrong numbers."""
        draft = Draft()
        y = draft.bias_add("biased", conv(draft), draft.const("b", weights(6)))
        draft.typed("Relu", "y", y)
        before = draft.graph("y", draft.typed("AddV2", "z", "biased", "biased"))
        result = apply_rules(before, FUSING).graph
        assert show(result) == (
            "x = Placeholder()\nbiased = _FusedConv2D(x, w, b)\ny = Relu(biased)\nz = AddV2(biased, biased)\n-> y, z"
        )
        assert_same_numbers(before, result, x=input_for(conv))

    def test_one_that_is_an_output_before_the_activation(self) -> None:
        draft = Draft()
        y = draft.bias_add("biased", conv(draft), draft.const("b", weights(6)))
        before = draft.graph(draft.typed("Relu", "y", y), "biased")
        assert refused(applied(fuse_bias.RULE, before)) == ""

    def test_two_activations_of_one(self) -> None:
        draft = Draft()
        y = draft.bias_add("biased", conv(draft), draft.const("b", weights(6)))
        before = draft.graph(draft.typed("Relu", "y", y), draft.typed("Sigmoid", "z", y))
        result = apply_rules(before, FUSING).graph
        assert result["biased"].attrs["fused_ops"] == (b"BiasAdd",)
        assert_same_numbers(before, result, x=input_for(conv))
