from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from applying import applied, declined
from every_linear import CHANNELS, EVERY, Linear, conv, input_for, matmul
from fused_reference import assert_same_numbers
from graph_draft import Draft, values, weights

from tfjsci.graph.graph import Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.merge_biases import RULE

after = partial(applied, RULE)
refused = partial(declined, RULE)


def twice_biased(
    linear: Linear = conv, addend: object = None, *, op: str = "AddV2", swapped: bool = False, dtype: str = "float32"
) -> Graph:
    draft = Draft(dtype)
    y = draft.bias_add("biased", linear(draft), draft.const("b", weights(CHANNELS)))
    c = draft.const("c", weights(CHANNELS, seed=3) if addend is None else addend)
    if op == "BiasAdd":
        return draft.graph(draft.bias_add("y", y, c))
    return draft.graph(draft.typed(op, "y", *((c, y) if swapped else (y, c))))


EXAMPLES = {
    "an addition": twice_biased(conv, swapped=True),
    "a second bias": twice_biased(matmul, op="BiasAdd"),
}


@pytest.mark.parametrize("op", ["AddV2", "Add", "BiasAdd"])
def test_two_biases_become_one(op: str) -> None:
    result = after(twice_biased(op=op))
    assert show(result) == "x = Placeholder()\nlinear = Conv2D(x, w)\ny = BiasAdd(linear, b)\n-> y"
    assert result.constants["b"].sources == ("b", "c")


@pytest.mark.parametrize(("op", "swapped"), [("AddV2", False), ("AddV2", True), ("Add", False), ("BiasAdd", False)])
@pytest.mark.parametrize("linear", EVERY)
def test_keeps_the_numbers(linear: Linear, op: str, swapped: bool) -> None:
    before = twice_biased(linear, op=op, swapped=swapped)
    assert_same_numbers(before, after(before), x=input_for(linear))


@pytest.mark.parametrize("shape", [(), (1,), (1, 1, 1, CHANNELS)])
def test_any_addend_that_treats_channels_alike(shape: tuple[int, ...]) -> None:
    before = twice_biased(addend=weights(*shape) if shape else 1.5)
    assert after(before).constants["b"].value.shape == (CHANNELS,)
    assert_same_numbers(before, after(before), x=input_for(conv))


@pytest.mark.parametrize(("dtype", "rtol"), [("float64", 1e-14), ("float16", 4e-3)])
def test_the_bias_keeps_its_precision(dtype: str, rtol: float) -> None:
    before = twice_biased(matmul, dtype=dtype)
    assert after(before).constants["b"].value.dtype == dtype
    assert_same_numbers(before, after(before), rtol=rtol, x=input_for(matmul, dtype=dtype))


def test_the_same_bias_added_twice_counts_twice() -> None:
    draft = Draft()
    y = draft.bias_add("biased", conv(draft), draft.const("b", weights(6)))
    before = draft.graph(draft.typed("AddV2", "y", y, "b"))
    assert_same_numbers(before, after(before), x=input_for(conv))


def test_a_shared_bias_stays_for_the_other() -> None:
    draft = Draft()
    y = draft.bias_add("biased", conv(draft), draft.const("b", weights(6)))
    draft.typed("AddV2", "y", y, draft.const("c", 1.0))
    draft.bias_add("z", draft.conv("other", "x", "w"), "b")
    before = draft.graph("y", "z")
    assert values(after(before))["b"] == values(before)["b"]
    assert_same_numbers(before, after(before), x=input_for(conv))


class TestLeavesAlone:
    @staticmethod
    def square(first: bytes, second: bytes) -> Graph:
        """Height equals channels, so every shape would fit."""
        draft = Draft()
        y = draft.conv("linear", draft.input("x", (None, 6, 6, 3)), draft.const("w", weights(1, 1, 3, 6)))
        y = draft.bias_add("biased", y, draft.const("b", weights(6)), data_format=first)
        return draft.graph(draft.bias_add("y", y, draft.const("c", weights(6)), data_format=second))

    @pytest.mark.parametrize(("first", "second"), [(b"NCHW", b"NHWC"), (b"NHWC", b"NCHW"), (b"NCHW", b"NCHW")])
    def test_a_bias_on_another_axis(self, first: bytes, second: bytes) -> None:
        assert refused(self.square(first, second)) == "the bias is added along another axis than the last"

    def test_but_not_when_both_are_on_the_last(self) -> None:
        assert "biased" not in after(self.square(b"NHWC", b"NHWC"))

    def test_a_residual(self) -> None:
        draft = Draft()
        y = draft.bias_add("biased", conv(draft), draft.const("b", weights(6)))
        assert refused(draft.graph(draft.typed("AddV2", "y", y, draft.typed("Relu", "r", "x")))) == ""

    @pytest.mark.parametrize("shape", [(5, 1), (4, 5, CHANNELS), (1, 1, 1, 1, CHANNELS)])
    def test_an_addend_that_differs_by_place_or_lifts_the_result(self, shape: tuple[int, ...]) -> None:
        assert "isn't one number for each of 6 channels" in refused(twice_biased(addend=weights(*shape)))

    def test_integers(self) -> None:
        draft = Draft("int32")
        ones = np.ones(6, np.int32)
        y = draft.matmul("linear", draft.input("x"), draft.const("w", np.ones((3, 6), np.int32)))
        y = draft.bias_add("biased", y, draft.const("b", ones))
        assert "int32" in refused(draft.graph(draft.typed("AddV2", "y", y, draft.const("c", ones))))

    @pytest.mark.parametrize("middle", ["linear", "biased"])
    def test_what_somebody_else_reads_in_the_middle(self, middle: str) -> None:
        draft = Draft()
        y = draft.bias_add("biased", conv(draft), draft.const("b", weights(6)))
        draft.typed("AddV2", "y", y, draft.const("c", 2.0))
        assert refused(draft.graph("y", draft.typed("Relu", "z", middle))) == ""
