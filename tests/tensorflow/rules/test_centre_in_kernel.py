from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from applying import applied_all, declined_all
from every_linear import CHANNELS, Linear, conv, conv_strided, depthwise, input_for, matmul, matmul_transposed
from every_linear import square_matmul_transposed as square
from fused_reference import assert_same_numbers, outputs_of
from graph_draft import Draft, weights

from tfjsci.graph.graph import DType, Graph
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.centre_in_kernel import RULES

after = partial(applied_all, RULES)
refused = partial(declined_all, RULES)


def centred(
    linear: Linear = conv,
    *,
    bias: bool = True,
    axes: Any = (-1,),
    shape: tuple[int, ...] | None = None,
    keep_dims: bool = True,
    swapped: bool = False,
) -> Graph:
    draft = Draft()
    y = linear(draft)
    if bias:
        y = draft.bias_add("biased", y, draft.const("b", weights(CHANNELS)))
    if shape is not None:
        y = draft.typed(
            "Reshape", "reshaped", y, draft.const("shape", np.array(shape, np.int32)), Tshape=DType("int32")
        )
    over = draft.const("axes", np.array(axes, np.int32))
    mean = draft.typed("Mean", "mean", y, over, keep_dims=keep_dims, Tidx=DType("int32"))
    return draft.graph(draft.typed("Sub", "y", *((mean, y) if swapped else (y, mean))))


EXAMPLES = {
    "a convolution": centred(),
    "without a bias": centred(matmul, bias=False),
    "a sequence": centred(matmul, shape=(-1, 1, CHANNELS)),
    "a sequence without a bias": centred(matmul, bias=False, shape=(-1, 1, CHANNELS)),
}


def test_the_weights_are_centred() -> None:
    result = after(centred())
    assert show(result) == "x = Placeholder()\ny/conv2d = Conv2D(x, w)\ny = BiasAdd(y/conv2d, b)\n-> y"
    for name in ("w", "b"):
        np.testing.assert_allclose(result.constants[name].value.mean(-1), 0, atol=1e-7)
        assert result.constants[name].sources == (name,)


def test_past_a_reshape() -> None:
    assert show(after(centred(matmul, shape=(-1, 1, CHANNELS)))) == (
        "x = Placeholder()\ny/matmul = MatMul(x, w)\ny/biasadd = BiasAdd(y/matmul, b)\n"
        "y = Reshape(y/biasadd, shape)\n-> y"
    )


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("linear", [conv, conv_strided, matmul, matmul_transposed, square])
def test_keeps_the_numbers(linear: Linear, bias: bool) -> None:
    before = centred(linear, bias=bias)
    assert_same_numbers(before, after(before), rtol=1e-6, x=input_for(linear))


@pytest.mark.parametrize("bias", [True, False])
def test_keeps_the_numbers_past_a_reshape(bias: bool) -> None:
    before = centred(matmul, bias=bias, shape=(-1, 2, CHANNELS), axes=2)
    assert_same_numbers(before, after(before), rtol=1e-6, x=input_for(matmul, batch=4))


def test_a_large_mean_cancels_no_more() -> None:
    draft = Draft()
    w = weights(3, CHANNELS) + 1e4
    y = draft.matmul("linear", draft.input("x", (None, 3)), draft.const("w", w))
    mean = draft.typed("Mean", "mean", y, draft.const("axes", np.int32(1)), keep_dims=True, Tidx=DType("int32"))
    before = draft.graph(draft.typed("Sub", "y", y, mean))
    x = input_for(matmul)
    exact = x.astype(np.float64) @ before.constants["w"].value.astype(np.float64)
    exact -= exact.mean(-1, keepdims=True)
    was, now = (np.abs(outputs_of(graph, x=x)[0] - exact).max() for graph in (before, after(before)))
    assert now < was / 10


class TestLeavesAlone:
    @pytest.mark.parametrize("axes", [(1, 2), 1, (0,), (-1, 0)])
    def test_other_axes(self, axes: Any) -> None:
        assert refused(centred(axes=axes)) == "the mean isn't over the channels"

    def test_a_mean_without_its_dimension(self) -> None:
        draft = Draft()
        y = draft.matmul("linear", draft.input("x", (CHANNELS, 3)), draft.const("w", weights(3, CHANNELS)))
        mean = draft.typed("Mean", "mean", y, draft.const("axes", np.int32(1)), keep_dims=False, Tidx=DType("int32"))
        assert refused(draft.graph(draft.typed("Sub", "y", y, mean))) == "the mean drops its dimension"

    def test_heads(self) -> None:
        assert refused(centred(matmul, shape=(-1, 2, CHANNELS // 2))) == "the channels don't stay together"

    def test_a_depthwise_convolution_whose_kernel_keeps_channels_apart(self) -> None:
        assert refused(centred(depthwise)) == ""

    def test_the_difference_the_other_way_round(self) -> None:
        assert refused(centred(swapped=True)) == ""

    @pytest.mark.parametrize("more", ["linear", "biased", "mean"])
    def test_what_somebody_else_reads(self, more: str) -> None:
        graph = centred()
        assert refused(Graph(nodes=graph.nodes, outputs=("y", more), constants=graph.constants)) == ""
