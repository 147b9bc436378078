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
from tfjsci.rewrite.rules.sink_scale import RULES

SCALE = np.abs(weights(4, seed=1))
SHIFT = weights(4, seed=2)
X = np.random.default_rng(1).normal(size=(2, 6, 8, 4)).astype(np.float32)

Step = Callable[[Draft, str], str]


def pool(op: str, padding: bytes = b"VALID") -> Step:
    attrs = {"ksize": (1, 2, 3, 1), "strides": (1, 2, 2, 1), "padding": padding, "data_format": b"NHWC"}
    return lambda draft, y: draft.typed(op, "f", y, **attrs)


def reduction(op: str, axes: tuple[int, ...], *, keep: bool = False) -> Step:
    def step(draft: Draft, y: str) -> str:
        return draft.typed(
            op, "f", y, draft.const("axes", np.array(axes, np.int32)), keep_dims=keep, Tidx=DType("int32")
        )

    return step


def reshape(*shape: int) -> Step:
    def step(draft: Draft, y: str) -> str:
        return draft.typed("Reshape", "f", y, draft.const("shape", np.array(shape, np.int32)), Tshape=DType("int32"))

    return step


def pad(draft: Draft, y: str) -> str:
    return draft.typed(
        "Pad", "f", y, draft.const("p", np.array([(0, 0), (1, 2), (0, 1), (0, 0)], np.int32)), Tpaddings=DType("int32")
    )


def transpose(*order: int) -> Step:
    def step(draft: Draft, y: str) -> str:
        return draft.typed("Transpose", "f", y, draft.const("order", np.array(order, np.int32)), Tperm=DType("int32"))

    return step


def unary(op: str, **attrs: Any) -> Step:
    return lambda draft, y: draft.typed(op, "f", y, **attrs)


def conv(draft: Draft, y: str) -> str:
    return draft.conv("y", y, draft.const("w", weights(2, 2, 4, 3)))


def dense(size: int) -> Step:
    return lambda draft, y: draft.matmul("y", y, draft.const("w", weights(size, 3)))


STEPS: dict[str, tuple[Step, Step]] = {
    "Relu": (unary("Relu"), conv),
    "LeakyRelu": (unary("LeakyRelu", alpha=0.3), conv),
    "MaxPool": (pool("MaxPool"), conv),
    "MaxPool that pads": (pool("MaxPool", b"SAME"), conv),
    "AvgPool": (pool("AvgPool"), conv),
    "AvgPool that pads": (pool("AvgPool", b"SAME"), conv),
    "Mean": (reduction("Mean", (1, 2)), dense(4)),
    "Mean that keeps dimensions": (reduction("Mean", (-3, -2), keep=True), conv),
    "Max": (reduction("Max", (1, 2)), dense(4)),
    "Pad": (pad, conv),
    "Reshape of places": (reshape(-1, 8, 6, 4), conv),
    "Reshape to rows": (reshape(-1, 4), dense(4)),
    "Flatten": (reshape(-1, 192), dense(192)),
    "Transpose of places": (transpose(0, 2, 1, 3), conv),
}


def scaled(step: Step, end: Step, scale: Any = SCALE, shift: Any = None, *, shape: Any = (None, 6, 8, 4)) -> Graph:
    """x * s [+ t], then a step, then a layer."""
    draft = Draft()
    y = draft.typed("Mul", "scaled", draft.input("x", shape), draft.const("s", scale))
    if shift is not None:
        y = draft.typed("AddV2", "shifted", y, draft.const("t", shift))
    return inferred(draft.graph(end(draft, step(draft, y))))


EXAMPLES = {
    **{name: scaled(*steps) for name, steps in STEPS.items()},
    "with a shift": scaled(*STEPS["Relu"], shift=SHIFT),
}


def test_the_factor_stands_behind_the_relu() -> None:
    result = applied_once(RULES, scaled(*STEPS["Relu"]))
    assert show(result) == "x = Placeholder()\nf/relu = Relu(x)\nf = Mul(f/relu, s)\ny = Conv2D(f, w)\n-> y"


def test_a_shift_before_the_relu_is_divided() -> None:
    result = applied_once(RULES, scaled(*STEPS["Relu"], shift=SHIFT))
    assert show(result) == (
        "x = Placeholder()\nshifted = AddV2(x, t)\nf/relu = Relu(shifted)\nf = Mul(f/relu, s)\ny = Conv2D(f, w)\n-> y"
    )
    np.testing.assert_allclose(result.constants["t"].value, SHIFT / SCALE, rtol=1e-6)


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("scale", [SCALE, 0.5, SCALE.reshape(1, 1, 1, 4)])
def test_keeps_the_numbers(name: str, scale: Any) -> None:
    before = scaled(*STEPS[name], scale)
    assert_same_numbers(before, applied_once(RULES, before), x=X)


@pytest.mark.parametrize("name", ["Relu", "LeakyRelu"])
def test_keeps_the_numbers_with_a_shift(name: str) -> None:
    before = scaled(*STEPS[name], shift=SHIFT)
    assert_same_numbers(before, applied_once(RULES, before), x=X)


@pytest.mark.parametrize("name", ["AvgPool", "Mean", "Pad", "Flatten", "Transpose of places"])
def test_what_keeps_no_order_takes_negative_factors_too(name: str) -> None:
    before = scaled(*STEPS[name], -SCALE)
    assert_same_numbers(before, applied_once(RULES, before), x=X)


def test_what_makes_less_of_a_tensor_is_before_the_factor_whoever_reads_it() -> None:
    draft = Draft()
    y = draft.typed("Mul", "scaled", draft.input("x", (None, 6, 8, 4)), draft.const("s", SCALE))
    before = inferred(draft.graph(pool("MaxPool")(draft, y)))
    assert show(applied_once(RULES, before)) == "x = Placeholder()\nf/maxpool = MaxPool(x)\nf = Mul(f/maxpool, s)\n-> f"
    assert_same_numbers(before, applied_once(RULES, before), x=X)


class TestLeavesAlone:
    @pytest.mark.parametrize("number", [-1.0, 0.0, np.nan, np.inf])
    @pytest.mark.parametrize("name", ["Relu", "LeakyRelu", "MaxPool", "Max"])
    def test_a_factor_that_turns_the_order_round(self, name: str, number: float) -> None:
        scale = SCALE * np.array([1, 1, number, 1])
        assert "isn't positive" in refusals(RULES, scaled(*STEPS[name], scale))

    @pytest.mark.parametrize("op", ["Relu6", "Elu", "Sigmoid", "Tanh"])
    def test_what_bends_elsewhere_too(self, op: str) -> None:
        assert refusals(RULES, scaled(unary(op), conv)) == ""

    @pytest.mark.parametrize(
        "end",
        [
            lambda draft, y: draft.typed("Tanh", "y", y),  # no kernel
            lambda draft, y: draft.typed("AddV2", "y", y, "x"),  # a residual
            lambda draft, y: draft.conv("y", y, draft.typed("Neg", "n", draft.const("w", weights(2, 2, 4, 3)))),
        ],
    )
    def test_a_relu_that_no_kernel_follows(self, end: Step) -> None:
        assert refusals(RULES, scaled(unary("Relu"), end)) == "no kernel behind could take the factor in"

    @pytest.mark.parametrize(
        ("channels", "step", "kept"), [(8, "Relu", True), (7, "Relu", False), (8, "LeakyRelu", False)]
    )
    def test_what_one_depthwise_convolution_takes(self, channels: int, step: str, kept: bool) -> None:
        end = lambda d, y: d.conv("y", y, d.const("w", weights(2, 2, channels, 3)))  # noqa: E731
        scale, shift = np.abs(weights(channels, seed=1)), weights(channels, seed=2)
        graph = scaled(STEPS[step][0], end, scale, shift, shape=(None, 6, 8, channels))
        if kept:
            assert "one depthwise convolution" in refusals(RULES, graph)
        else:
            assert applied_once(RULES, graph)

    def test_a_relu_that_two_layers_read(self) -> None:
        draft = Draft()
        y = draft.typed("Mul", "scaled", draft.input("x", (None, 6, 8, 4)), draft.const("s", SCALE))
        y = unary("Relu")(draft, y)
        graph = inferred(draft.graph(conv(draft, y), draft.typed("Neg", "z", y)))
        assert refusals(RULES, graph) == "no kernel behind could take the factor in"

    def test_a_relu_that_is_an_output(self) -> None:
        draft = Draft()
        y = draft.typed("Mul", "scaled", draft.input("x", (None, 6, 8, 4)), draft.const("s", SCALE))
        y = unary("Relu")(draft, y)
        assert refusals(RULES, inferred(draft.graph(conv(draft, y), y))) == "no kernel behind could take the factor in"

    def test_a_result_of_a_kernel_which_takes_the_factor_in_itself(self) -> None:
        draft = Draft()
        y = draft.conv("before", draft.input("x", (None, 6, 8, 4)), draft.const("v", weights(1, 1, 4, 4)))
        y = draft.typed("Mul", "scaled", y, draft.const("s", SCALE))
        assert "takes the factor in" in refusals(RULES, inferred(draft.graph(conv(draft, pool("MaxPool")(draft, y)))))

    def test_channels_that_are_reduced(self) -> None:
        assert refusals(RULES, scaled(reduction("Mean", (2, 3)), dense(6))) == "it is the channels that are reduced"

    def test_channels_that_are_split(self) -> None:
        assert refusals(
            RULES, scaled(reshape(-1, 6, 16, 2), lambda d, y: d.conv("y", y, d.const("w", weights(1, 1, 2, 3))))
        ) == ("the channels don't stay together")

    def test_channels_that_are_transposed(self) -> None:
        end = lambda d, y: d.conv("y", y, d.const("w", weights(1, 1, 8, 3)))  # noqa: E731
        assert refusals(RULES, scaled(transpose(0, 1, 3, 2), end)) == "the channels are transposed"

    def test_channels_that_are_padded(self) -> None:
        def padded(draft: Draft, y: str) -> str:
            around = np.array([(0, 0), (0, 0), (0, 0), (0, 1)], np.int32)
            return draft.typed("Pad", "f", y, draft.const("p", around), Tpaddings=DType("int32"))

        end = lambda d, y: d.conv("y", y, d.const("w", weights(1, 1, 5, 3)))  # noqa: E731
        assert refusals(RULES, scaled(padded, end)) == "the channels are padded"

    def test_a_grey_picture_that_the_factor_makes_coloured(self) -> None:
        assert "without stretching it" in refusals(RULES, scaled(*STEPS["Relu"], shape=(None, 6, 8, 1)))

    def test_a_factor_for_each_place(self) -> None:
        assert "isn't one number for each channel" in refusals(RULES, scaled(*STEPS["Relu"], np.abs(weights(6, 8, 4))))

    def test_a_factor_that_somebody_else_reads_the_result_of(self) -> None:
        draft = Draft()
        y = draft.typed("Mul", "scaled", draft.input("x", (None, 6, 8, 4)), draft.const("s", SCALE))
        graph = inferred(draft.graph(conv(draft, unary("Relu")(draft, y)), draft.typed("Neg", "z", y)))
        assert refusals(RULES, graph) == ""
