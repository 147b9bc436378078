from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied, declined
from every_linear import CHANNELS, CONVOLUTIONS, Linear, conv, depthwise_multiplied, input_for
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights
from hypothesis import given, settings
from hypothesis import strategies as st

from tfjsci.graph.graph import Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.engine import apply_rules
from tfjsci.rewrite.groups import FOLDING
from tfjsci.rewrite.rules.fold_batch_norm import AFTER_BIAS, RULE

NORMS = ["FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"]
after = partial(applied, RULE)
refused = partial(declined, RULE)


def statistics(draft: Draft, channels: int = CHANNELS, variance: Any = None) -> tuple[str, str, str, str]:
    return (
        draft.const("gamma", weights(channels, seed=1)),
        draft.const("beta", weights(channels, seed=2)),
        draft.const("mean", weights(channels, seed=3)),
        draft.const("variance", np.abs(weights(channels, seed=4)) if variance is None else variance),
    )


def normed(linear: Linear = conv, *, bias: bool = False, variance: Any = None, **norm: Any) -> Graph:
    draft = Draft()
    y = linear(draft)
    if bias:
        y = draft.bias_add("biased", y, draft.const("b", weights(CHANNELS)))
    return draft.graph(draft.norm("y", y, *statistics(draft, variance=variance), **norm))


EXAMPLES = {
    "of a convolution": normed(conv),
    "of a depthwise one": normed(depthwise_multiplied, op="FusedBatchNorm"),
    "behind a bias": normed(conv, bias=True),
}


def test_the_norm_becomes_a_multiplication_and_an_addition() -> None:
    result = after(normed())
    assert show(result) == (
        "x = Placeholder()\nlinear = Conv2D(x, w)\ny/scaled = Mul(linear, gamma)\ny = AddV2(y/scaled, beta)\n-> y"
    )
    assert result.constants["gamma"].sources == ("gamma", "variance")
    assert result.constants["beta"].sources == ("beta", "mean", "gamma", "variance")


def test_after_a_bias_too() -> None:
    assert show(applied(AFTER_BIAS, normed(bias=True))) == (
        "x = Placeholder()\nlinear = Conv2D(x, w)\nbiased = BiasAdd(linear, b)\n"
        "y/scaled = Mul(biased, gamma)\ny = AddV2(y/scaled, beta)\n-> y"
    )


def test_the_other_rules_take_the_rest_in() -> None:
    wanted = "x = Placeholder()\n{} = Conv2D(x, w)\ny = BiasAdd({}, {})\n-> y"
    assert show(apply_rules(normed(), FOLDING).graph) == wanted.format("y/scaled", "y/scaled", "beta")
    assert show(apply_rules(normed(bias=True), FOLDING).graph) == wanted.format("linear", "linear", "b")


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("op", NORMS)
@pytest.mark.parametrize("linear", CONVOLUTIONS)
def test_keeps_the_numbers(linear: Linear, op: str, bias: bool) -> None:
    before = normed(linear, bias=bias, op=op)
    alone = applied(AFTER_BIAS if bias else RULE, before)
    folded = apply_rules(before, FOLDING).graph
    assert "= Mul(" not in show(folded)
    for graph in (alone, folded):
        assert_same_numbers(before, graph, x=input_for(linear))


@pytest.mark.parametrize("epsilon", [1e-3, 1e-5, 1.0])
def test_with_any_epsilon(epsilon: float) -> None:
    before = normed(epsilon=epsilon)
    assert_same_numbers(before, after(before), x=input_for(conv))


@given(st.lists(st.floats(0, 1e4, width=32), min_size=CHANNELS, max_size=CHANNELS))
@settings(max_examples=20, deadline=None)
def test_with_any_variance_zero_too(variance: list[float]) -> None:
    before = normed(depthwise_multiplied, variance=variance)
    assert_same_numbers(before, apply_rules(before, FOLDING).graph, x=input_for(depthwise_multiplied))


def test_gamma_and_beta_may_be_made_of_one_variable() -> None:
    draft = Draft()
    y = conv(draft)
    names = statistics(draft)
    for name in names[:2]:
        draft.const(name, draft.constants[name].value, sources=("packed",))
        draft.nodes.pop()
    before = draft.graph(draft.norm("y", y, *names))
    assert_same_numbers(before, apply_rules(before, FOLDING).graph, x=input_for(conv))


def test_gamma_and_beta_may_be_one_constant() -> None:
    draft = Draft()
    y = conv(draft)
    gamma, _, mean, variance = statistics(draft)
    before = draft.graph(draft.norm("y", y, gamma, gamma, mean, variance)).pruned()
    assert_same_numbers(before, apply_rules(before, FOLDING).graph, x=input_for(conv))


def test_the_bias_before_may_be_the_beta_after() -> None:
    draft = Draft()
    y = conv(draft)
    gamma, beta, mean, variance = statistics(draft)
    before = draft.graph(draft.norm("y", draft.bias_add("biased", y, beta), gamma, beta, mean, variance))
    assert_same_numbers(before, applied(AFTER_BIAS, before), x=input_for(conv))
    assert_same_numbers(before, apply_rules(before, FOLDING).graph, x=input_for(conv))


def test_two_norms_may_share_their_statistics() -> None:
    draft = Draft()
    y = conv(draft)
    names = statistics(draft)
    draft.norm("y", y, *names)
    draft.norm("z", draft.conv("other", "x", "w", padding="VALID"), *names)
    before = draft.graph("y", "z")
    assert_same_numbers(before, apply_rules(before, FOLDING).graph, x=input_for(conv))


class TestLeavesAlone:
    @pytest.mark.parametrize("bias", [False, True])
    def test_training(self, bias: bool) -> None:
        reason = "it is in training mode: the statistics are the batch's own"
        assert declined(AFTER_BIAS if bias else RULE, normed(bias=bias, training=True)) == reason

    def test_a_norm_that_does_not_say_whether_it_trains(self) -> None:
        """TensorFlow's default for the attribute is true."""
        draft = Draft()
        draft.typed("FusedBatchNormV3", "y", conv(draft), *statistics(draft))
        assert "training" in refused(draft.graph("y"))

    def test_channels_that_come_first(self) -> None:
        assert refused(normed(data_format=b"NCHW")) == "the channels aren't last"

    def test_a_convolution_whose_channels_come_first(self) -> None:
        """Nothing could take the multiplication in, and the fused op is faster than two."""
        draft = Draft()
        y = draft.conv("linear", draft.input("x"), draft.const("w", weights(1, 1, 6, 6)), data_format=b"NCHW")
        assert refused(draft.graph(draft.norm("y", y, *statistics(draft)))) == "the channels aren't last"

    def test_a_bias_on_another_axis(self) -> None:
        draft = Draft()
        y = draft.bias_add("biased", conv(draft), draft.const("b", weights(6)), data_format=b"NCHW")
        graph = draft.graph(draft.norm("y", y, *statistics(draft)))
        assert declined(AFTER_BIAS, graph) == "the bias is added along another axis than the last"

    def test_a_norm_after_something_else(self) -> None:
        draft = Draft()
        y = draft.typed("Relu", "r", conv(draft))
        assert refused(draft.graph(draft.norm("y", y, *statistics(draft)))) == ""

    @pytest.mark.parametrize("position", range(4))
    def test_statistics_that_are_computed(self, position: int) -> None:
        draft = Draft()
        y = conv(draft)
        names = list(statistics(draft))
        names[position] = draft.typed("Abs", "computed", names[position])
        assert refused(draft.graph(draft.norm("y", y, *names))) == ""

    @pytest.mark.parametrize(
        "more",
        [
            lambda draft: draft.typed("Relu", "z", "linear"),  # upstream's converter scales this one as well
            lambda draft: draft.typed("AddV2", "z", "y", "linear"),
            lambda draft: "linear",
            lambda draft: draft.typed("Relu", "z", "y:1"),  # the batch's mean
            lambda draft: "y:2",
        ],
    )
    def test_what_somebody_else_reads(self, more: Callable[[Draft], str]) -> None:
        draft = Draft()
        draft.norm("y", conv(draft), *statistics(draft))
        assert refused(draft.graph("y", more(draft))) == ""
