from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from applying import applied, declined
from every_linear import CHANNELS, EVERY, Linear, conv, depthwise_multiplied, input_for, matmul
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights
from hypothesis import given, settings
from hypothesis import strategies as st
from weighted import KINDS

from tfjsci.graph.graph import Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.engine import apply_rules
from tfjsci.rewrite.rules.fold_scale import RULE


def scaled(linear: Linear = conv, factor: object = None, *, swapped: bool = False, dtype: str = "float32") -> Graph:
    draft = Draft(dtype)
    y = linear(draft)
    c = draft.const("c", weights(CHANNELS) if factor is None else factor)
    return draft.graph(draft.typed("Mul", "y", *((c, y) if swapped else (y, c))))


after = partial(applied, RULE)
refused = partial(declined, RULE)


def scaled_kind(kind: str) -> Graph:
    """The same of anything that multiplies with a kernel."""
    draft, made = Draft(), KINDS[kind]
    y = made.of(draft, draft.input("x", made.x))
    return draft.graph(draft.typed("Mul", "y", y, draft.const("c", weights(1, made.made, seed=1))))


EXAMPLES = {
    **{linear.__name__: scaled(linear) for linear in EVERY},
    **{kind: scaled_kind(kind) for kind in ("conv3d", "transposed", "product with a batch, transposed")},
}


def test_the_kernel_takes_the_factor_in() -> None:
    result = after(scaled())
    assert show(result) == "x = Placeholder()\ny = Conv2D(x, w)\n-> y"
    assert result.constants["w"].sources == ("w", "c")
    assert result["y"].attrs == scaled()["linear"].attrs


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_multiplies_with_a_kernel(kind: str) -> None:
    before = scaled_kind(kind)
    result = after(before)
    assert "= Mul(" not in show(result)
    assert_same_numbers(before, result, x=KINDS[kind].input())


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("linear", EVERY)
def test_keeps_the_numbers(linear: Linear, swapped: bool) -> None:
    before = scaled(linear, swapped=swapped)
    assert "= Mul(" not in show(after(before))
    assert_same_numbers(before, after(before), x=input_for(linear))


@pytest.mark.parametrize("shape", [(), (1,), (1, 1), (CHANNELS,), (1, CHANNELS), (1, 1, 1, 1), (1, 1, 1, CHANNELS)])
def test_any_shape_that_treats_channels_alike(shape: tuple[int, ...]) -> None:
    before = scaled(factor=weights(*shape) if shape else 1.5)
    assert "= Mul(" not in show(after(before))
    assert_same_numbers(before, after(before), x=input_for(conv))


def _normal_in_products(factor: float) -> float:
    """The factor, or 0 where what it makes of a weight may be smaller than any normal number: TensorFlow makes 0 of some such."""
    return factor if abs(factor) >= 1e-30 else 0.0


@given(st.lists(st.floats(-1e3, 1e3, width=32).map(_normal_in_products), min_size=CHANNELS, max_size=CHANNELS))
@settings(max_examples=20, deadline=None)
def test_any_factor_zero_and_negative_too(factor: list[float]) -> None:
    before = scaled(depthwise_multiplied, factor)
    assert_same_numbers(before, after(before), x=input_for(depthwise_multiplied))


@pytest.mark.parametrize(("dtype", "rtol"), [("float64", 1e-14), ("float16", 4e-3)])
def test_in_other_precisions(dtype: str, rtol: float) -> None:
    before = scaled(matmul, dtype=dtype)
    result = after(before)
    assert result.constants["w"].value.dtype == dtype
    assert_same_numbers(before, result, rtol=rtol, x=input_for(matmul, dtype=dtype))


class TestLeavesAlone:
    @pytest.mark.parametrize(
        ("factor", "reason"),
        [
            (3e38, "no longer be finite"),
            (np.nan, "no longer be finite"),
            (np.inf, "no longer be finite"),
            (1e-42, "too small"),
        ],
    )
    def test_a_factor_that_leaves_float32(self, factor: float, reason: str) -> None:
        draft = Draft()
        y = draft.typed("Mul", "y", matmul(draft), draft.const("c", factor))
        result = apply_rules(draft.graph(y), [RULE])
        assert result.applied == {}
        assert reason in result.refusals[0].reason

    @pytest.mark.parametrize("shape", [(5, 1), (1, 5, CHANNELS), (2, 1, 1, CHANNELS), (4, 5, 1)])
    def test_a_factor_that_differs_by_place(self, shape: tuple[int, ...]) -> None:
        assert "isn't one number for each of 6 channels" in refused(scaled(factor=weights(*shape)))

    def test_a_factor_of_higher_rank_which_would_lift_the_result(self) -> None:
        assert "(1, 1, 1, 1, 6)" in refused(scaled(factor=weights(1, 1, 1, 1, CHANNELS)))
        assert "(1, 1, 6)" in refused(scaled(matmul, factor=weights(1, 1, CHANNELS)))

    def test_a_vector_on_one_channel_which_would_widen_the_result(self) -> None:
        draft = Draft()
        y = draft.conv("linear", draft.input("x", (None, 4, 5, 3)), draft.const("w", weights(1, 1, 3, 1)))
        assert "each of 1 channels" in refused(draft.graph(draft.typed("Mul", "y", y, draft.const("c", weights(4)))))

    def test_channels_that_come_first(self) -> None:
        draft = Draft()
        x, w = draft.input("x", (None, 6, 6, 6)), draft.const("w", weights(1, 1, 6, 6))
        y = draft.conv("linear", x, w, data_format=b"NCHW")
        graph = draft.graph(draft.typed("Mul", "y", y, draft.const("c", weights(6))))
        assert refused(graph) == "the channels aren't last"

    def test_a_transposed_first_operand(self) -> None:
        draft = Draft()
        y = draft.matmul("linear", draft.input("x"), draft.const("w", weights(3, 6)), transpose_a=True)
        graph = draft.graph(draft.typed("Mul", "y", y, draft.const("c", weights(6))))
        assert refused(graph) == "the first operand is transposed"

    def test_a_kernel_of_integers(self) -> None:
        draft = Draft("int32")
        y = draft.matmul("linear", draft.input("x"), draft.const("w", np.ones((3, 6), np.int32)))
        graph = draft.graph(draft.typed("Mul", "y", y, draft.const("c", np.arange(6, dtype=np.int32))))
        assert refused(graph) == "the kernel is int32, not floating"

    def test_the_product_of_two_convolutions(self) -> None:
        draft = Draft()
        conv(draft)
        draft.conv("other", "x", "w")
        assert refused(draft.graph(draft.typed("Mul", "y", "linear", "other"))) == ""

    def test_the_square_of_one(self) -> None:
        draft = Draft()
        conv(draft)
        assert refused(draft.graph(draft.typed("Mul", "y", "linear", "linear"))) == ""

    def test_a_kernel_that_is_computed(self) -> None:
        draft = Draft()
        y = draft.matmul("linear", draft.input("x"), draft.typed("Neg", "k", draft.const("w", weights(3, 6))))
        assert refused(draft.graph(draft.typed("Mul", "y", y, draft.const("c", weights(6))))) == ""

    @pytest.mark.parametrize("op", ["Einsum", "Dilation2D", "Relu"])
    def test_what_multiplies_with_no_kernel(self, op: str) -> None:
        draft = Draft()
        y = draft.typed(op, "linear", draft.input("x"), draft.const("w", weights(1, 1, 3, 6)))
        assert refused(draft.graph(draft.typed("Mul", "y", y, draft.const("c", weights(6))))) == ""

    @pytest.mark.parametrize("op", ["MulNoNan", "RealDiv", "Pow", "AddV2"])
    def test_what_is_no_multiplication(self, op: str) -> None:
        draft = Draft()
        assert refused(draft.graph(draft.typed(op, "y", conv(draft), draft.const("c", weights(6))))) == ""

    @pytest.mark.parametrize(
        "more",
        [
            lambda draft: draft.typed("Relu", "z", "linear"),
            lambda draft: draft.typed("AddV2", "z", "y", "linear"),  # a residual around the batch norm
            lambda draft: "linear",
        ],
    )
    def test_a_convolution_that_somebody_else_reads(self, more: Callable[[Draft], str]) -> None:
        draft = Draft()
        draft.typed("Mul", "y", conv(draft), draft.const("c", weights(6)))
        assert refused(draft.graph("y", more(draft))) == ""


def test_a_kernel_that_two_convolutions_share_stays_for_the_other() -> None:
    draft = Draft()
    draft.typed("Mul", "y", conv(draft), draft.const("c", weights(6)))
    draft.conv("other", "x", "w")
    before = draft.graph("y", "other")
    result = after(before)
    assert show(result) == "x = Placeholder()\ny = Conv2D(x, w_1)\nother = Conv2D(x, w)\n-> y, other"
    assert_same_numbers(before, result, x=input_for(conv))


def test_two_convolutions_that_share_a_kernel_get_their_own() -> None:
    draft = Draft()
    draft.typed("Mul", "y", conv(draft), draft.const("c", weights(6)))
    draft.typed("Mul", "z", draft.conv("other", "x", "w"), draft.const("d", weights(6, seed=1)))
    before = draft.graph("y", "z")
    assert "= Mul(" not in show(after(before))
    assert_same_numbers(before, after(before), x=input_for(conv))


def test_a_weight_of_the_inputs_name_is_not_taken_for_it() -> None:
    draft = Draft()
    x = draft.input("x", (None, 3))
    y = draft.matmul("linear", x, draft.const("k", weights(3, 6), sources=("x",)))
    before = draft.graph(draft.typed("Mul", "y", y, draft.const("c", weights(6))))
    assert show(after(before)) == "x = Placeholder()\ny = MatMul(x, x_1)\n-> y"
    assert_same_numbers(before, after(before), x=input_for(matmul))
