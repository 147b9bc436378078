from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied_all, declined_all
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights

from tfjsci.graph.graph import Graph, Shape
from tfjsci.graph.show import show
from tfjsci.rewrite.engine import apply_rules
from tfjsci.rewrite.rules import rules_of
from tfjsci.rewrite.rules.affine_as_depthwise import RULE

after = partial(applied_all, (RULE,))
refused = partial(declined_all, (RULE,))
CHANNELS = 8


def affine(
    shape: Shape = (2, 3, 4, CHANNELS),
    scale: Any = None,
    shift: Any = None,
    *,
    scaled: bool = True,
    activation: str = "Relu",
    swapped: bool = False,
    addition: str = "AddV2",
    dtype: str = "float32",
) -> Graph:
    draft = Draft(dtype)
    y = draft.input("x", shape)
    sides = (lambda a, b: (b, a)) if swapped else (lambda a, b: (a, b))
    if scaled:
        y = draft.typed("Mul", "m", *sides(y, draft.const("s", weights(CHANNELS) if scale is None else scale)))
    t = draft.const("t", weights(CHANNELS, seed=1) if shift is None else shift)
    y = draft.bias_add("y", y, t) if addition == "BiasAdd" else draft.typed(addition, "y", *sides(y, t))
    return draft.graph(draft.typed(activation, "z", y) if activation else y)


EXAMPLES = {
    "a scale, a shift and a Relu": affine(),
    "and a Sigmoid": affine(activation="Sigmoid"),
    "of shape [1, 1, 1, 8], constants first": affine(
        scale=weights(1, 1, 1, CHANNELS), shift=weights(1, 1, 1, CHANNELS, seed=1), swapped=True
    ),
    "and a Relu6": affine(activation="Relu6"),
    "and an Elu": affine(activation="Elu"),
    "one number for all": affine(scale=0.5, shift=1.5, activation="Relu"),
}
X = np.random.default_rng(0).normal(size=(2, 3, 4, CHANNELS)).astype(np.float32)


def test_a_scale_and_a_shift_are_a_depthwise_convolution() -> None:
    result = after(affine())
    assert show(result) == (
        "x = Placeholder()\nz/depthwiseconv2dnative = DepthwiseConv2dNative(x, s)\n"
        "y = BiasAdd(z/depthwiseconv2dnative, t)\nz = Relu(y)\n-> z"
    )
    assert result.constants["s"].value.shape == (1, 1, CHANNELS, 1)
    assert result.constants["s"].sources == ("s",)
    assert result.constants["t"].sources == ("t",)


def test_with_what_fuses_it_is_one_kernel() -> None:
    rules = (RULE, *rules_of("fuse_bias", "fuse_activation"))
    before = affine()
    result = applied_all(rules, before)
    assert show(result) == "x = Placeholder()\nz = FusedDepthwiseConv2dNative(x, s, t)\n-> z"
    assert_same_numbers(before, result, rtol=1e-6, x=X)


@pytest.mark.parametrize("before", EXAMPLES.values(), ids=EXAMPLES)
def test_keeps_the_numbers(before: Graph) -> None:
    assert_same_numbers(before, after(before), rtol=1e-6, x=X)


@pytest.mark.parametrize("addition", ["Add", "BiasAdd"])
def test_other_additions(addition: str) -> None:
    before = affine(addition=addition)
    assert_same_numbers(before, after(before), rtol=1e-6, x=X)


def test_an_open_batch_and_open_sizes() -> None:
    before = affine((None, None, None, CHANNELS))
    assert_same_numbers(before, after(before), rtol=1e-6, x=X)


class TestLeavesAlone:
    @pytest.mark.parametrize("shape", [None, (2, CHANNELS), (2, 3, CHANNELS), (1, 2, 3, 4, CHANNELS)])
    def test_other_ranks(self, shape: Shape) -> None:
        assert "4 dimensions" in refused(affine(shape))

    def test_unknown_channels(self) -> None:
        assert "so many channels" in refused(affine((2, 3, 4, None)))

    def test_few_channels(self) -> None:
        assert refused(affine((2, 3, 4, 3), 2.0, 1.0)) == "of 3 channels it wouldn't pay"

    @pytest.mark.parametrize("shape", [(4, 1), (3, 4, CHANNELS), (2, 1, 1, CHANNELS), (1, 1, 1, 1, CHANNELS)])
    def test_what_differs_by_place_or_lifts_the_result(self, shape: tuple[int, ...]) -> None:
        assert "aren't one number for each of 8 channels" in refused(affine(shift=weights(*shape)))

    def test_another_axis(self) -> None:
        draft = Draft()
        y = draft.typed("Mul", "m", draft.input("x", (2, 8, 8, 8)), draft.const("s", weights(8)))
        y = draft.bias_add("y", y, draft.const("t", weights(8)), data_format=b"NCHW")
        assert refused(draft.graph(draft.typed("Relu", "z", y))) == "the bias is added along another axis than the last"

    def test_other_floats(self) -> None:
        assert refused(affine(dtype="float64")) == "it is float64, not float32"

    @pytest.mark.parametrize("activation", ["", "Tanh", "LeakyRelu"])
    def test_what_has_no_activation_that_fuses(self, activation: str) -> None:
        assert refused(affine(activation=activation)) == ""

    def test_a_shift_alone(self) -> None:
        assert refused(affine(scaled=False)) == ""

    def test_a_scale_that_somebody_else_reads(self) -> None:
        graph = affine()
        assert refused(Graph(nodes=graph.nodes, outputs=("z", "m"), constants=graph.constants)) == ""

    def test_a_sum_that_somebody_else_reads(self) -> None:
        graph = affine()
        assert refused(Graph(nodes=graph.nodes, outputs=("z", "y"), constants=graph.constants)) == ""


def test_what_comes_of_it_is_left_alone() -> None:
    assert not apply_rules(after(affine()), (RULE,)).applied
