from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from applying import applied, declined
from every_linear import EVERY, Linear, conv, input_for, matmul, matmul_transposed
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights

from tfjsci.graph.graph import Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.fuse_bias import FUSED, RULE

after = partial(applied, RULE)
refused = partial(declined, RULE)


def biased(linear: Linear = conv, *, dtype: str = "float32") -> Graph:
    draft = Draft(dtype)
    return draft.graph(draft.bias_add("y", linear(draft), draft.const("b", weights(6))))


EXAMPLES = {linear.__name__: biased(linear) for linear in EVERY}


def test_a_convolution_with_its_bias_is_one_op() -> None:
    result = after(biased())
    assert show(result, attrs=True).splitlines()[1:] == [
        "y = _FusedConv2D(x, w, b) {T=float32, data_format=NHWC, dilations=[1, 1, 1, 1], explicit_paddings=[], "
        "fused_ops=[BiasAdd], num_args=1, padding=SAME, strides=[1, 1, 1, 1]}",
        "-> y",
    ]


@pytest.mark.parametrize("linear", EVERY)
def test_keeps_the_numbers(linear: Linear) -> None:
    before = biased(linear)
    result = after(before)
    assert result["y"].op == FUSED[before["linear"].op]
    assert_same_numbers(before, result, x=input_for(linear))


def test_keeps_explicit_paddings_and_dilations() -> None:
    draft = Draft()
    y = draft.conv(
        "linear", draft.input("x", (None, 4, 5, 3)), draft.const("w", weights(2, 2, 3, 6)),
        padding="EXPLICIT", explicit_paddings=(0, 0, 2, 1, 0, 1, 0, 0), dilations=(1, 2, 1, 1),
    )  # fmt: skip
    before = draft.graph(draft.bias_add("y", y, draft.const("b", weights(6))))
    assert_same_numbers(before, after(before), x=input_for(conv))


def test_kernel_and_bias_are_read_as_they_are_shared_or_not() -> None:
    draft = Draft()
    draft.bias_add("y", conv(draft), draft.const("b", weights(6)))
    draft.bias_add("z", draft.conv("other", "x", "w", strides=2), "b")
    before = draft.graph("y", "z")
    assert show(after(before)) == ("x = Placeholder()\ny = _FusedConv2D(x, w, b)\nz = _FusedConv2D(x, w, b)\n-> y, z")
    assert_same_numbers(before, after(before), x=input_for(conv))


def test_a_transposed_kernel_is_written_the_other_way_round() -> None:
    """With a flag, wasm adds the bias to the wrong places."""
    result = after(biased(matmul_transposed))
    assert result["y"].attrs["transpose_b"] is False
    assert result.constants["w"].value.shape == (3, 6)


def test_half_precision_is_fused_too() -> None:
    before = biased(matmul, dtype="float16")
    assert_same_numbers(before, after(before), rtol=4e-3, x=input_for(matmul, dtype="float16"))


class TestLeavesAlone:
    def test_a_bias_on_another_axis(self) -> None:
        """Height equals channels here, so its shape would fit."""
        draft = Draft()
        y = draft.conv("linear", draft.input("x", (None, 6, 6, 3)), draft.const("w", weights(1, 1, 3, 6)))
        graph = draft.graph(draft.bias_add("y", y, draft.const("b", weights(6)), data_format=b"NCHW"))
        assert refused(graph) == "the bias is added along another axis than the last"

    def test_channels_that_come_first(self) -> None:
        draft = Draft()
        y = draft.conv("linear", draft.input("x"), draft.const("w", weights(1, 1, 6, 6)), data_format=b"NCHW")
        assert refused(draft.graph(draft.bias_add("y", y, draft.const("b", weights(6))))) == "the channels aren't last"

    def test_a_bias_that_is_no_vector_of_the_channels(self) -> None:
        draft = Draft()
        graph = draft.graph(draft.bias_add("y", conv(draft), draft.const("b", weights(1, 6))))
        assert refused(graph) == "the bias has shape (1, 6), the output 6 channels"

    def test_integers_which_one_backend_cannot_fuse(self) -> None:
        draft = Draft("int32")
        y = draft.matmul("linear", draft.input("x"), draft.const("w", np.ones((3, 6), np.int32)))
        graph = draft.graph(draft.bias_add("y", y, draft.const("b", np.ones(6, np.int32))))
        assert refused(graph) == "the kernel is int32, not floating"

    def test_a_transposed_kernel_that_somebody_else_reads(self) -> None:
        draft = Draft()
        draft.bias_add("y", matmul_transposed(draft), draft.const("b", weights(6)))
        graph = draft.graph("y", draft.typed("Neg", "z", "w"))
        assert refused(graph) == "the kernel is transposed, and others read it: it would be stored twice"

    def test_an_addition_that_is_no_bias(self) -> None:
        draft = Draft()
        assert refused(draft.graph(draft.typed("AddV2", "y", conv(draft), draft.const("b", weights(6))))) == ""

    def test_a_bias_that_is_computed(self) -> None:
        draft = Draft()
        bias = draft.typed("Neg", "n", draft.const("b", weights(6)))
        assert refused(draft.graph(draft.bias_add("y", conv(draft), bias))) == ""

    @pytest.mark.parametrize("op", ["BatchMatMulV2", "Conv3D", "Conv2DBackpropInput"])
    def test_what_has_no_fused_form(self, op: str) -> None:
        draft = Draft()
        y = draft.typed(op, "linear", draft.input("x"), draft.const("w", weights(1, 1, 3, 6)))
        assert refused(draft.graph(draft.bias_add("y", y, draft.const("b", weights(6))))) == ""

    def test_a_convolution_that_somebody_else_reads(self) -> None:
        draft = Draft()
        draft.bias_add("y", conv(draft), draft.const("b", weights(6)))
        assert refused(draft.graph("y", draft.typed("AddV2", "z", "y", "linear"))) == ""
        assert refused(draft.graph("y", "linear")) == ""
