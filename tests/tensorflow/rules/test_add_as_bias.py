from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from applying import applied, declined
from every_linear import CHANNELS, EVERY, Linear, conv, depthwise, input_for, matmul, matmul_transposed
from fused_reference import assert_same_numbers
from graph_draft import Draft, values, weights

from tfjsci.graph.graph import Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.add_as_bias import RULE


def added(
    linear: Linear = conv, addend: object = None, *, op: str = "AddV2", swapped: bool = False, dtype: str = "float32"
) -> Graph:
    draft = Draft(dtype)
    y = linear(draft)
    c = draft.const("c", weights(CHANNELS) if addend is None else addend)
    return draft.graph(draft.typed(op, "y", *((c, y) if swapped else (y, c))))


after = partial(applied, RULE)
refused = partial(declined, RULE)


EXAMPLES = {
    "after a convolution": added(conv),
    "one number, swapped, after a transposed kernel": added(matmul_transposed, 1.5, swapped=True),
    "of four dimensions, after a depthwise convolution": added(depthwise, weights(1, 1, 1, CHANNELS), op="Add"),
}


def test_the_addition_becomes_a_bias() -> None:
    result = after(added())
    assert show(result) == "x = Placeholder()\nlinear = Conv2D(x, w)\ny = BiasAdd(linear, c)\n-> y"
    assert show(result, attrs=True).splitlines()[-2] == "y = BiasAdd(linear, c) {T=float32, data_format=NHWC}"
    assert result.constants["c"].sources == ("c",)


@pytest.mark.parametrize(("op", "swapped"), [("AddV2", False), ("AddV2", True), ("Add", False), ("Add", True)])
@pytest.mark.parametrize("linear", EVERY)
def test_keeps_the_numbers(linear: Linear, op: str, swapped: bool) -> None:
    before = added(linear, op=op, swapped=swapped)
    assert "BiasAdd" in show(after(before))
    assert_same_numbers(before, after(before), x=input_for(linear))


@pytest.mark.parametrize("shape", [(), (1,), (CHANNELS,), (1, CHANNELS), (1, 1, 1, 1), (1, 1, 1, CHANNELS)])
def test_a_bias_has_one_dimension_whatever_the_addend_had(shape: tuple[int, ...]) -> None:
    before = added(addend=weights(*shape) if shape else 1.5)
    assert after(before).constants["c"].value.shape == (CHANNELS,)
    assert_same_numbers(before, after(before), x=input_for(conv))


@pytest.mark.parametrize(("dtype", "rtol"), [("float64", 1e-14), ("float16", 4e-3)])
def test_the_bias_keeps_its_precision(dtype: str, rtol: float) -> None:
    before = added(matmul, dtype=dtype)
    assert after(before).constants["c"].value.dtype == dtype
    assert_same_numbers(before, after(before), rtol=rtol, x=input_for(matmul, dtype=dtype))


class TestLeavesAlone:
    def test_a_residual(self) -> None:
        draft = Draft()
        conv(draft)
        draft.typed("Relu", "other", "x")
        assert refused(draft.graph(draft.typed("AddV2", "y", "linear", "other"))) == ""

    def test_the_sum_of_two_convolutions(self) -> None:
        draft = Draft()
        conv(draft)
        draft.conv("other", "x", "w")
        assert refused(draft.graph(draft.typed("AddV2", "y", "linear", "other"))) == ""

    @pytest.mark.parametrize("shape", [(5, 1), (4, 5, CHANNELS), (2, 1, 1, CHANNELS), (1, 1, 1, 1, CHANNELS)])
    def test_an_addend_that_differs_by_place_or_lifts_the_result(self, shape: tuple[int, ...]) -> None:
        assert "isn't one number for each of 6 channels" in refused(added(addend=weights(*shape)))

    def test_a_matrix_on_a_matmul(self) -> None:
        assert "(2, 6)" in refused(added(matmul, addend=weights(2, CHANNELS)))

    def test_a_vector_on_one_channel_which_would_widen_the_result(self) -> None:
        draft = Draft()
        y = draft.conv("linear", draft.input("x", (None, 4, 5, 3)), draft.const("w", weights(1, 1, 3, 1)))
        graph = draft.graph(draft.typed("AddV2", "y", y, draft.const("c", weights(4))))
        assert "each of 1 channels" in refused(graph)

    def test_channels_that_come_first(self) -> None:
        draft = Draft()
        y = draft.conv("linear", draft.input("x"), draft.const("w", weights(1, 1, 6, 6)), data_format=b"NCHW")
        graph = draft.graph(draft.typed("AddV2", "y", y, draft.const("c", weights(6))))
        assert refused(graph) == "the channels aren't last"

    def test_integers(self) -> None:
        draft = Draft("int32")
        y = draft.matmul("linear", draft.input("x"), draft.const("w", np.ones((3, 6), np.int32)))
        graph = draft.graph(draft.typed("AddV2", "y", y, draft.const("c", np.arange(6, dtype=np.int32))))
        assert refused(graph) == "the kernel is int32, not floating"

    def test_a_convolution_that_somebody_else_reads(self) -> None:
        draft = Draft()
        draft.typed("AddV2", "y", conv(draft), draft.const("c", weights(6)))
        assert refused(draft.graph("y", draft.typed("Relu", "z", "linear"))) == ""

    @pytest.mark.parametrize("op", ["Sub", "AddN", "Maximum"])
    def test_what_is_no_addition_of_two(self, op: str) -> None:
        assert refused(added(op=op)) == ""


def test_an_addend_that_somebody_else_reads_stays_as_it_is() -> None:
    draft = Draft()
    draft.typed("AddV2", "y", conv(draft), draft.const("c", 2.0))
    draft.typed("Mul", "z", "x", "c")
    before = draft.graph("y", "z")
    result = after(before)
    assert values(result)["c"] == 2.0
    assert result.constants[result["y"].inputs[1]].value.tolist() == [2.0] * CHANNELS
    assert_same_numbers(before, result, x=input_for(conv))
