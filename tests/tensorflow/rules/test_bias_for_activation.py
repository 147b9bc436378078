from __future__ import annotations

from typing import Any

import pytest
from applying import inferred
from every_linear import CHANNELS, EVERY, Linear, conv, depthwise, input_for, matmul
from fused_reference import ACTIVATIONS, assert_same_numbers
from graph_draft import Draft, weights

from tfjsci.graph.graph import Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.engine import apply_rules
from tfjsci.rewrite.pipeline import FUSING
from tfjsci.rewrite.rules.bias_for_activation import RULES


def activated(linear: Linear = conv, activation: str = "Relu", **attrs: Any) -> Graph:
    draft = Draft()
    y = linear(draft)
    slopes = (draft.const("alpha", weights(CHANNELS)),) if activation == "Prelu" else ()
    graph = draft.graph(draft.typed(activation, "y", y, *slopes, **attrs))
    return graph if activation == "Prelu" else inferred(graph)


def spelled() -> Graph:
    """A Prelu as Keras writes it: an example for the browser."""
    draft = Draft()
    y = conv(draft)
    below = draft.typed("Relu", "below", draft.typed("Neg", "minus", y))
    slope = draft.typed("Mul", "slope", below, draft.const("alpha", -weights(CHANNELS)))
    return draft.graph(draft.typed("AddV2", "y", draft.typed("Relu", "above", y), slope))


EXAMPLES = {
    **{linear.__name__: activated(linear) for linear in (conv, depthwise, matmul)},
    "with slopes": spelled(),
}


def test_zeros_are_added() -> None:
    result = apply_rules(activated(), RULES).graph
    assert show(result) == (
        "x = Placeholder()\nlinear = Conv2D(x, w)\ny/biasadd = BiasAdd(linear, linear/zeros)\ny = Relu(y/biasadd)\n-> y"
    )
    assert result.constants["linear/zeros"].value.tolist() == [0] * CHANNELS


@pytest.mark.parametrize("activation", [*ACTIVATIONS, "Prelu"])
@pytest.mark.parametrize("linear", EVERY)
def test_activation_and_kernel_are_one_op(linear: Linear, activation: str) -> None:
    before = activated(linear, activation, **({"alpha": 0.35} if activation == "LeakyRelu" else {}))
    result = apply_rules(before, FUSING).graph
    assert len([node for node in result if node.op not in {"Const", "Placeholder"}]) == 1
    assert_same_numbers(before, result, x=input_for(linear))


class TestLeavesAlone:
    def test_what_the_runtime_cannot_fuse(self) -> None:
        assert apply_rules(activated(activation="Tanh"), RULES).applied == {}

    def test_an_activation_behind_a_bias(self) -> None:
        draft = Draft()
        y = draft.bias_add("biased", conv(draft), draft.const("b", weights(CHANNELS)))
        assert apply_rules(draft.graph(draft.typed("Relu", "y", y)), RULES).applied == {}

    def test_channels_that_come_first(self) -> None:
        draft = Draft()
        y = draft.conv("linear", draft.input("x"), draft.const("w", weights(1, 1, 6, 6)), data_format=b"NCHW")
        result = apply_rules(draft.graph(draft.typed("Relu", "y", y)), RULES)
        assert [refusal.reason for refusal in result.refusals] == ["the channels aren't last"]

    def test_a_convolution_that_somebody_else_reads(self) -> None:
        draft = Draft()
        y = draft.typed("Relu", "y", conv(draft))
        assert apply_rules(draft.graph(y, draft.typed("Neg", "z", "linear")), RULES).applied == {}
