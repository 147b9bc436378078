from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from applying import applied, declined
from every_linear import EVERY, Linear, conv, depthwise, input_for, matmul
from fused_reference import ACTIVATIONS, assert_same_numbers
from graph_draft import Draft, weights

from tfjsci.graph.graph import Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.engine import apply_rules
from tfjsci.rewrite.pipeline import FUSING
from tfjsci.rewrite.rules import fuse_bias
from tfjsci.rewrite.rules.fuse_activation import RULE

after = partial(applied, RULE)
refused = partial(declined, RULE)


def activated(linear: Linear = conv, activation: str = "Relu", **attrs: Any) -> Graph:
    """An activation on plain ops."""
    draft = Draft()
    y = draft.bias_add("biased", linear(draft), draft.const("b", weights(6)))
    return draft.graph(draft.typed(activation, "y", y, **attrs))


def fused(linear: Linear = conv, activation: str = "Relu", **attrs: Any) -> Graph:
    """The same, with the bias fused already."""
    return applied(fuse_bias.RULE, activated(linear, activation, **attrs))


def test_the_activation_becomes_one_more_fused_op() -> None:
    result = after(fused())
    assert show(result) == "x = Placeholder()\ny = _FusedConv2D(x, w, b)\n-> y"
    assert result["y"].attrs == {**fused()["biased"].attrs, "fused_ops": (b"BiasAdd", b"Relu")}


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("linear", EVERY)
def test_keeps_the_numbers(linear: Linear, activation: str) -> None:
    before = activated(linear, activation, **({"alpha": 0.35} if activation == "LeakyRelu" else {}))
    result = apply_rules(before, FUSING).graph
    apart = activation == "LeakyRelu" and before["linear"].op == "DepthwiseConv2dNative"
    assert len([node for node in result if node.op not in {"Const", "Placeholder"}]) == (2 if apart else 1)
    assert_same_numbers(before, result, x=input_for(linear))


def test_a_leaky_relu_brings_its_slope() -> None:
    result = after(fused(matmul, "LeakyRelu", alpha=0.35))
    assert result["y"].attrs["leakyrelu_alpha"] == 0.35


def test_a_leaky_relu_that_does_not_tell_its_slope_has_tensorflows() -> None:
    assert after(fused(matmul, "LeakyRelu"))["y"].attrs["leakyrelu_alpha"] == 0.2


class TestLeavesAlone:
    def test_a_leaky_relu_on_the_depthwise_op_where_its_slope_would_be_lost(self) -> None:
        assert refused(fused(depthwise, "LeakyRelu")) == "the depthwise op doesn't read LeakyRelu's alpha"

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

    def test_one_without_a_bias(self) -> None:
        draft = Draft()
        graph = draft.graph(draft.typed("Relu", "y", conv(draft)))
        assert apply_rules(graph, FUSING).applied == {}

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
