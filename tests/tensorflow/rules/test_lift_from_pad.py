from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from applying import applied_once, inferred, refusals
from every_linear import CHANNELS, CONVOLUTIONS, Linear, conv, input_for
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights

from tfjsci.graph.graph import Graph
from tfjsci.graph.graphdef import infer_types
from tfjsci.graph.show import show
from tfjsci.rewrite.evaluate import evaluate_in_tensorflow
from tfjsci.rewrite.pipeline import rewrite
from tfjsci.rewrite.rules.lift_from_pad import RULES

FACTOR = weights(CHANNELS, seed=1)
AROUND = ((0, 0), (1, 2), (0, 1), (0, 0))


def padded(
    f: str = "Relu",
    c: Any = None,
    *,
    linear: Linear = conv,
    bias: bool = False,
    around: Any = AROUND,
    pad: str = "Pad",
    **attrs: Any,
) -> Graph:
    """f behind a Pad of a convolution, with a bias or without."""
    draft = Draft()
    y = linear(draft)
    if bias:
        y = draft.bias_add("biased", y, draft.const("b", weights(CHANNELS, seed=3)))
    more = (draft.const("v", 0.5),) if pad == "PadV2" else ()
    y = draft.typed(pad, "pad", y, draft.const("p", np.array(around, np.int32)), *more)
    if f == "norm":
        parts = [draft.const(each, np.abs(weights(CHANNELS, seed=n))) for n, each in enumerate("gsmv")]
        return inferred(draft.graph(draft.norm("y", y, *parts, **attrs)))
    inputs = (y,) if c is None else (y, draft.const("c", c))
    return inferred(draft.graph(draft.typed(f, "y", *inputs, **attrs)))


ACTIVATIONS = ("Elu", "LeakyRelu", "Relu", "Relu6")
EXAMPLES = {
    **{f"{f} of what is padded": padded(f, **({"alpha": 0.3} if f == "LeakyRelu" else {})) for f in ACTIVATIONS},
    "an activation, behind a bias": padded(bias=True),
    "a factor": padded("Mul", FACTOR),
    "a factor, behind a bias": padded("Mul", FACTOR, bias=True),
    "a batch norm": padded("norm"),
    "a batch norm, behind a bias": padded("norm", bias=True),
}


def test_the_pad_comes_last() -> None:
    assert show(applied_once(RULES, padded(bias=True))) == (
        "x = Placeholder()\nlinear = Conv2D(x, w)\nbiased = BiasAdd(linear, b)\ny/relu = Relu(biased)\n"
        "y = Pad(y/relu, p)\n-> y"
    )


def test_the_shift_of_a_norm_stays_behind_the_pad() -> None:
    after = applied_once(RULES, padded("norm"))
    assert [node.op for node in after.nodes if node.op not in ("Const", "Placeholder")] == [
        "Conv2D",
        "Mul",
        "Pad",
        "AddV2",
    ]


@pytest.mark.parametrize("linear", CONVOLUTIONS)
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(("f", "c"), [("Mul", FACTOR), ("Mul", 0.5), ("Relu", None), ("Elu", None), ("norm", None)])
def test_the_numbers_stay(linear: Linear, bias: bool, f: str, c: Any) -> None:
    before = padded(f, c, linear=linear, bias=bias)
    assert_same_numbers(before, applied_once(RULES, before), x=input_for(linear))


def test_a_batch_norm_taken_apart_leaves_an_addition() -> None:
    """What Keras 3 writes: the factor ends in the kernel, the shift stays, as the padding has it, too."""
    draft = Draft()
    y = draft.bias_add("biased", conv(draft), draft.const("b", weights(CHANNELS, seed=3)))
    y = draft.typed("Pad", "pad", y, draft.const("p", np.array(AROUND, np.int32)))
    y = draft.typed("Mul", "scaled", y, draft.const("s", FACTOR))
    graph = draft.graph(draft.typed("AddV2", "y", y, draft.const("t", weights(CHANNELS, seed=2))))
    after = rewrite(graph, evaluate=evaluate_in_tensorflow, infer=infer_types).graph
    assert [node.op for node in after.nodes if node.op not in ("Const", "Placeholder")] == [
        "_FusedConv2D",
        "Pad",
        "AddV2",
    ]
    assert_same_numbers(graph, after, x=input_for(conv))


class TestLeavesAlone:
    def test_channels_that_are_padded(self) -> None:
        around = ((0, 0), (0, 0), (0, 0), (0, 1))
        assert "the channels are padded" in refusals(RULES, padded(around=around))

    @pytest.mark.parametrize("f", ["Sigmoid", "Tanh"])
    def test_an_activation_that_makes_something_of_zeros_or_that_cannot_be_fused(self, f: str) -> None:
        assert refusals(RULES, padded(f)) == ""

    def test_another_number_than_zero(self) -> None:
        assert refusals(RULES, padded("Mul", FACTOR, pad="PadV2")) == ""

    def test_a_sum(self) -> None:
        assert refusals(RULES, padded("AddV2", FACTOR)) == ""

    def test_a_factor_for_each_place(self) -> None:
        assert "isn't one number for each channel" in refusals(RULES, padded("Mul", weights(6, 1)))

    def test_a_norm_in_training(self) -> None:
        assert refusals(RULES, padded("norm", training=True)) != ""

    def test_a_pad_that_others_read(self) -> None:
        graph = padded("Mul", FACTOR)
        shared = Graph(nodes=graph.nodes, outputs=("y", "pad"), constants=graph.constants, types=graph.types)
        assert refusals(RULES, shared) == ""
