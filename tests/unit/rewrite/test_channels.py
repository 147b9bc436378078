"""The algebra of output channels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from graph_draft import weights
from hypothesis import given
from hypothesis import strategies as st

from tfjsci.graph.graph import Constant, Node
from tfjsci.rewrite.channels import (
    data_input,
    input_channels,
    made_of,
    not_linear,
    other_axis,
    out_of_range,
    output_channels,
    per_channel,
    rank_of_output,
    scaled,
    scaled_inputs,
    weight_name,
)


def linear(op: str, **attrs: Any) -> Node:
    return Node(name="n", op=op, inputs=("x", "w"), attrs=attrs)


CONV, DEPTHWISE, MATMUL = linear("Conv2D"), linear("DepthwiseConv2dNative"), linear("MatMul")
MATMUL_T = linear("MatMul", transpose_b=True)
TRANSPOSED = linear("Conv2DBackpropInput")


@pytest.mark.parametrize(
    ("node", "shape", "channels"),
    [
        (CONV, (3, 2, 4, 5), 5),
        (DEPTHWISE, (3, 2, 4, 5), 20),
        (MATMUL, (4, 5), 5),
        (MATMUL_T, (4, 5), 4),
        (linear("Conv3D"), (1, 2, 3, 4, 5), 5),
        (TRANSPOSED, (3, 2, 4, 5), 4),
        (linear("Conv3DBackpropInputV2"), (1, 3, 2, 4, 5), 4),
        (linear("BatchMatMulV2"), (7, 4, 5), 5),
        (linear("BatchMatMulV2", adj_y=True), (7, 4, 5), 4),
    ],
)
def test_output_channels(node: Node, shape: tuple[int, ...], channels: int) -> None:
    assert output_channels(node, np.zeros(shape)) == channels
    if node is not DEPTHWISE:
        assert input_channels(node, np.zeros(shape)) == 9 - channels


def test_the_kernel_meets_the_third_input_of_a_transposed_convolution() -> None:
    assert (data_input(CONV), data_input(TRANSPOSED)) == (0, 2)


@pytest.mark.parametrize(
    ("node", "axis"), [(CONV, -2), (DEPTHWISE, -2), (MATMUL, -2), (MATMUL_T, -1), (TRANSPOSED, -1)]
)
def test_what_meets_an_input_channel_is_scaled(node: Node, axis: int) -> None:
    kernel = weights(2, 3, 4, 4) if "MatMul" not in node.op else weights(4, 4)
    factor = weights(4, seed=1)
    wanted = kernel * (factor[:, None] if axis == -2 else factor)
    np.testing.assert_allclose(scaled_inputs(node, kernel.astype(np.float32), factor), wanted, rtol=1e-6)


@pytest.mark.parametrize(
    ("after", "factor", "reason"),
    [
        ([1.0, 0.0], None, None),
        ([1.0, 1e-42], None, None),
        ([np.inf, 1.0], None, "the weights would no longer be finite in float32"),
        ([1.0, np.nan], None, "the weights would no longer be finite in float32"),
        ([1e-42, 0.0], None, "the weights would be too small for float32"),
        ([0.0, 0.0], None, "the weights would be too small for float32"),
        ([0.0, 0.0], [0.0], None),
    ],
)
def test_weights_that_leave_their_range(after: list[float], factor: list[float] | None, reason: str | None) -> None:
    by = None if factor is None else np.array(factor)
    assert out_of_range(np.ones(2, np.float32), np.array(after, np.float32), by) == reason


def test_weights_that_were_not_finite_or_zero_before_may_stay_so() -> None:
    for value in (np.inf, np.nan, 0.0):
        same = np.full(2, value, np.float32)
        assert out_of_range(same, same) is None


@given(st.integers(1, 3), st.integers(1, 3), st.integers(0, 9))
def test_a_scaled_kernel_computes_the_scaled_output(inputs: int, outputs: int, seed: int) -> None:
    x = weights(2, inputs, seed=seed)
    for node, kernel in (
        (MATMUL, weights(inputs, outputs, seed=seed)),
        (MATMUL_T, weights(outputs, inputs, seed=seed)),
    ):
        by = weights(outputs, seed=seed + 1)
        turned = (lambda k: k) if node is MATMUL else np.transpose
        np.testing.assert_allclose(x @ turned(scaled(node, kernel, by)), (x @ turned(kernel)) * by, rtol=1e-12)


def test_a_depthwise_factor_runs_through_the_multiplier_first() -> None:
    kernel = np.ones((1, 1, 2, 3))
    assert scaled(DEPTHWISE, kernel, np.arange(6)).tolist() == [[[[0, 1, 2], [3, 4, 5]]]]


def test_scaling_keeps_the_kernels_dtype_and_the_kernel() -> None:
    kernel = np.ones((1, 1, 1, 2), np.float16)
    assert scaled(CONV, kernel, np.array([2, 3], np.float64)).dtype == np.float16
    assert kernel.tolist() == [[[[1, 1]]]]


@pytest.mark.parametrize(
    ("shape", "fits"),
    [
        ((), True),
        ((1,), True),
        ((1, 1, 1, 1), True),
        ((3,), True),
        ((1, 1, 1, 3), True),
        ((2,), False),
        ((3, 1), False),
        ((1, 3, 1, 1), False),
        ((2, 1, 1, 3), False),
        ((1, 1, 1, 1, 3), False),  # it would raise the rank of the result
        ((1, 1, 1, 1, 1), False),
        ((0,), False),
    ],
)
def test_what_treats_each_channel_alike(shape: tuple[int, ...], fits: bool) -> None:
    found = per_channel(np.full(shape, 7.0), 3, 4)
    assert (None if found is None else found.tolist()) == ([7.0] * 3 if fits else None)


def test_a_vector_on_one_channel_is_no_factor_of_it() -> None:
    assert per_channel(np.ones(5), 1, 4) is None  # it broadcasts the channel to five


def test_a_matmul_has_rank_2() -> None:
    kernel = np.zeros((4, 3))
    assert (rank_of_output(MATMUL, kernel), rank_of_output(CONV, kernel), rank_of_output(linear("Conv3D"), kernel)) == (
        2,
        4,
        5,
    )
    assert rank_of_output(linear("BatchMatMulV2"), np.zeros((2, 4, 3))) == 3
    assert per_channel(np.ones((1, 1, 3)), 3, rank_of_output(MATMUL, kernel)) is None


@pytest.mark.parametrize(
    ("node", "kernel", "reason"),
    [
        (CONV, np.zeros((1, 1, 1, 1)), None),
        (linear("Conv2D", data_format=b"NHWC"), np.zeros((1, 1, 1, 1)), None),
        (linear("Conv2D", data_format=b"NCHW"), np.zeros((1, 1, 1, 1)), "the channels aren't last"),
        (CONV, np.zeros((1, 1)), "the kernel has 2 dimensions, a convolution's has 4"),
        (CONV, np.zeros((1, 1, 1, 1), np.int8), "the kernel is int8, not floating"),
        (CONV, np.zeros((1, 1, 1, 1), np.float16), None),
        (MATMUL, np.zeros((1, 1)), None),
        (MATMUL_T, np.zeros((1, 1)), None),
        (linear("MatMul", transpose_a=True), np.zeros((1, 1)), "the first operand is transposed"),
        (MATMUL, np.zeros((1, 1, 1)), "the kernel has 3 dimensions, a MatMul's has 2"),
        (MATMUL, np.zeros((1, 1), np.int32), "the kernel is int32, not floating"),
    ],
)
def test_what_cannot_be_scaled_and_why(node: Node, kernel: Any, reason: str | None) -> None:
    assert not_linear(node, kernel) == reason


def test_a_bias_on_another_axis() -> None:
    assert other_axis(linear("BiasAdd", data_format=b"NCHW")) is not None
    assert other_axis(linear("BiasAdd", data_format=b"NHWC")) is None
    assert other_axis(linear("BiasAdd")) is None
    assert other_axis(linear("AddV2")) is None


def test_names_and_sources() -> None:
    a, b = Constant(value=np.zeros(1), sources=("v", "w")), Constant(value=np.zeros(1), sources=("w", "u"))
    literal = Constant(value=np.zeros(1))
    assert made_of(a, literal, b) == ("v", "w", "u")
    assert (weight_name(a, "other"), weight_name(literal, "other")) == ("v", "other")
