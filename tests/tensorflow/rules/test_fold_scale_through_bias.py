from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from applying import applied, declined
from every_linear import CHANNELS, EVERY, Linear, conv, input_for, matmul, matmul_transposed
from fused_reference import assert_same_numbers
from graph_draft import Draft, values, weights
from weighted import KINDS

from tfjsci.graph.graph import Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.fold_scale_through_bias import RULE

after = partial(applied, RULE)
refused = partial(declined, RULE)


def scaled(
    linear: Linear = conv, factor: object = None, *, swapped: bool = False, dtype: str = "float32", **bias: object
) -> Graph:
    draft = Draft(dtype)
    y = draft.bias_add("biased", linear(draft), draft.const("b", weights(CHANNELS, seed=2)), **bias)  # type: ignore[arg-type]
    c = draft.const("c", weights(CHANNELS) if factor is None else factor)
    return draft.graph(draft.typed("Mul", "y", *((c, y) if swapped else (y, c))))


EXAMPLES = {
    "of a convolution": scaled(conv),
    "one number, swapped, of a transposed kernel": scaled(matmul_transposed, -1.5, swapped=True),
}


def added(kind: str, bias: object, *, swapped: bool = False) -> Graph:
    """(linear + b) * c, with an AddV2."""
    draft, made = Draft(), KINDS[kind]
    y, b = made.of(draft, draft.input("x", made.x)), draft.const("b", bias)
    y = draft.typed("AddV2", "biased", *((b, y) if swapped else (y, b)))
    return draft.graph(draft.typed("Mul", "y", y, draft.const("c", weights(1, made.made, seed=1))))


EXAMPLES |= {kind: added(kind, weights(1, KINDS[kind].made)) for kind in ("conv3d", "transposed", "product of rows")}


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_multiplies_with_a_kernel(kind: str, swapped: bool) -> None:
    for bias in (weights(1, KINDS[kind].made, seed=2), 0.5):
        before = added(kind, bias, swapped=swapped)
        assert "= Mul(" not in show(after(before))
        assert_same_numbers(before, after(before), x=KINDS[kind].input())


def test_a_bias_for_each_place() -> None:
    before = added("conv same", weights(5, 6, CHANNELS))
    assert_same_numbers(before, after(before), x=KINDS["conv same"].input())


def test_one_number_beside_five_dimensions_becomes_a_row() -> None:
    """webgpu combines a vector and 5 dimensions wrongly."""
    assert after(added("conv3d", 0.5)).constants["b"].value.shape == (1, 6)


def test_kernel_and_bias_take_the_factor_in() -> None:
    result = after(scaled())
    assert show(result) == "x = Placeholder()\nlinear = Conv2D(x, w)\ny = BiasAdd(linear, b)\n-> y"
    assert result.constants["w"].sources == ("w", "c")
    assert result.constants["b"].sources == ("b", "c")


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("linear", EVERY)
def test_keeps_the_numbers(linear: Linear, swapped: bool) -> None:
    before = scaled(linear, swapped=swapped)
    assert_same_numbers(before, after(before), x=input_for(linear))


@pytest.mark.parametrize("shape", [(), (1, 1, 1, CHANNELS), (1, 1)])
def test_any_factor_that_treats_channels_alike(shape: tuple[int, ...]) -> None:
    before = scaled(factor=weights(*shape) if shape else -1.5)
    assert_same_numbers(before, after(before), x=input_for(conv))


@pytest.mark.parametrize(("dtype", "rtol"), [("float64", 1e-14), ("float16", 4e-3)])
def test_kernel_and_bias_keep_their_precision(dtype: str, rtol: float) -> None:
    before = scaled(matmul, dtype=dtype)
    assert {c.value.dtype.name for c in after(before).constants.values()} == {dtype}
    assert_same_numbers(before, after(before), rtol=rtol, x=input_for(matmul, dtype=dtype))


def test_kernel_and_bias_may_be_made_of_one_variable() -> None:
    draft = Draft()
    x = draft.input("x", (None, 3))
    y = draft.matmul("linear", x, draft.const("k", weights(3, 6), sources=("packed",)))
    y = draft.bias_add("biased", y, draft.const("b", weights(6), sources=("packed",)))
    before = draft.graph(draft.typed("Mul", "y", y, draft.const("c", weights(6, seed=1))))
    assert_same_numbers(before, after(before), x=input_for(matmul))


def test_the_bias_may_be_the_factor() -> None:
    draft = Draft()
    y = draft.bias_add("biased", conv(draft), draft.const("b", weights(6)))
    before = draft.graph(draft.typed("Mul", "y", y, "b"))
    assert_same_numbers(before, after(before), x=input_for(conv))


def test_a_bias_that_somebody_else_adds_stays_for_them() -> None:
    draft = Draft()
    y = draft.bias_add("biased", conv(draft), draft.const("b", weights(6)))
    draft.typed("Mul", "y", y, draft.const("c", weights(6, seed=1)))
    draft.bias_add("z", draft.conv("other", "x", "w"), "b")
    before = draft.graph("y", "z")
    assert values(after(before))["b"] == values(before)["b"]
    assert_same_numbers(before, after(before), x=input_for(conv))


class TestLeavesAlone:
    def test_a_bias_on_another_axis(self) -> None:
        """Height equals channels here, so every shape would fit."""
        draft = Draft()
        y = draft.conv("linear", draft.input("x", (None, 6, 6, 3)), draft.const("w", weights(1, 1, 3, 6)))
        y = draft.bias_add("biased", y, draft.const("b", weights(6)), data_format=b"NCHW")
        graph = draft.graph(draft.typed("Mul", "y", y, draft.const("c", weights(6))))
        assert refused(graph) == "the bias is added along another axis than the last"

    @pytest.mark.parametrize("shape", [(5, 1), (1, 5, CHANNELS), (1, 1, 1, 1, CHANNELS)])
    def test_a_factor_that_differs_by_place_or_lifts_the_result(self, shape: tuple[int, ...]) -> None:
        assert "isn't one number for each of 6 channels" in refused(scaled(factor=weights(*shape)))

    def test_channels_that_come_first(self) -> None:
        draft = Draft()
        y = draft.conv("linear", draft.input("x"), draft.const("w", weights(1, 1, 6, 6)), data_format=b"NCHW")
        y = draft.bias_add("biased", y, draft.const("b", weights(6)), data_format=b"NCHW")
        graph = draft.graph(draft.typed("Mul", "y", y, draft.const("c", 2.0)))
        assert refused(graph) == "the channels aren't last"

    def test_integers(self) -> None:
        draft = Draft("int32")
        ones = np.ones(6, np.int32)
        y = draft.matmul("linear", draft.input("x"), draft.const("w", np.ones((3, 6), np.int32)))
        y = draft.bias_add("biased", y, draft.const("b", ones))
        assert refused(draft.graph(draft.typed("Mul", "y", y, draft.const("c", ones)))) == (
            "the kernel is int32, not floating"
        )

    def test_a_bias_that_is_computed(self) -> None:
        draft = Draft()
        y = draft.bias_add("biased", conv(draft), draft.typed("Neg", "n", draft.const("b", weights(6))))
        assert refused(draft.graph(draft.typed("Mul", "y", y, draft.const("c", 2.0)))) == ""

    @pytest.mark.parametrize("middle", ["linear", "biased"])
    def test_what_somebody_else_reads_in_the_middle(self, middle: str) -> None:
        draft = Draft()
        y = draft.bias_add("biased", conv(draft), draft.const("b", weights(6)))
        draft.typed("Mul", "y", y, draft.const("c", 2.0))
        assert refused(draft.graph("y", draft.typed("Relu", "z", middle))) == ""
        assert refused(draft.graph("y", middle)) == ""
