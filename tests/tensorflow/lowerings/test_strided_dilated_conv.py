from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, rewritten

from tfjsci.graph.graph import Array


def with_zeros(kernel: Array, dilations: tuple[int, ...]) -> Array:
    sizes = [(n - 1) * d + 1 for n, d in zip(kernel.shape, dilations, strict=False)]
    spread = np.zeros((*sizes, *kernel.shape[len(sizes) :]), kernel.dtype)
    spread[tuple(slice(None, None, d) for d in dilations)] = kernel
    return spread


def conv(
    strides: tuple[int, ...],
    dilations: tuple[int, ...],
    *,
    op: str = "Conv2D",
    size: tuple[int, ...] = (11, 10),
    k: tuple[int, ...] = (3, 2),
    padding: str = "SAME",
    seed: int = 0,
    constant: bool = True,
    unknown: tuple[int, ...] = (),
) -> Example:
    """What is expected comes of a kernel with zeros in it, which TensorFlow convolves without dilation."""
    x, w = floats(2, *size, 2, seed=seed), floats(*k, 2, 3, seed=seed)
    attrs = {"strides": (1, *strides, 1), "padding": padding}
    if padding == "EXPLICIT":
        attrs["explicit_paddings"] = (0, 0, 2, 1, 0, 3, 0, 0)
    wanted = one_op(op, x, with_zeros(w, dilations), **attrs).reference()
    return one_op(
        op, x, w, constant=[1] if constant else [], unknown={0: unknown}, dilations=(1, *dilations, 1), expected=wanted, **attrs
    )  # fmt: skip


TWO = st.integers(1, 4)
EXAMPLES = st.builds(
    conv,
    st.tuples(st.integers(2, 3), TWO),
    st.tuples(TWO, st.integers(2, 4)),
    size=st.tuples(st.integers(10, 14), st.integers(10, 14)),
    padding=st.sampled_from(["SAME", "VALID", "EXPLICIT"]),
    seed=st.integers(0, 99),
    constant=st.booleans(),
)
CORNERS = (
    conv((2, 2), (2, 2)),
    conv((2, 2), (2, 2), padding="VALID", unknown=(0, 1, 2)),
    conv((2, 2), (4, 2), padding="EXPLICIT"),
    conv((2, 3), (2, 2), constant=False),  # 3 doesn't divide 2: zeros in the kernel
    conv((3, 2), (2, 2), unknown=(0, 1, 2)),  # as SAME needs the sizes
    conv((2, 1), (5, 4), size=(16, 14)),  # few multiplications: stride afterwards
    conv((2, 1), (5, 4), size=(17, 14), padding="EXPLICIT"),
    conv((2, 2), (3, 3), op="DepthwiseConv2dNative", k=(2, 2)),
    conv((1, 2, 2), (2, 2, 1), op="Conv3D", size=(4, 6, 5), k=(2, 2, 2)),
    conv((2, 2, 2), (2, 2, 2), op="Conv3D", size=(5, 6, 5), k=(2, 2, 2), padding="VALID", unknown=(0,)),
)
BEYOND_TENSORFLOW = (
    conv((2, 2), (2, 2), op="DepthwiseConv2dNative", padding="EXPLICIT"),
    conv((2, 2), (4, 4), op="DepthwiseConv2dNative", size=(12, 15)),
)
"""Dilated depthwise convolutions, which its CPU hasn't."""
CORNERS += BEYOND_TENSORFLOW


@FEW
@given(EXAMPLES)
def test_it_comes_to_the_same(example: Example) -> None:
    assert_right_in_tensorflow(example, "strided_dilated_conv")


@pytest.mark.parametrize("example", CORNERS[: -len(BEYOND_TENSORFLOW)], ids=str)
def test_each_way_and_op(example: Example) -> None:
    assert_right_in_tensorflow(example, "strided_dilated_conv")


def ops_of(example: Example) -> list[str]:
    return [node.op for node in rewritten(example).graph if node.op not in ("Const", "Placeholder")]


def test_pixels_that_no_tap_meets_are_left_out_first() -> None:
    assert ops_of(conv((2, 2), (2, 2))) == ["StridedSlice", "Conv2D"]


def test_otherwise_the_fewest_multiplications() -> None:
    assert ops_of(conv((2, 3), (2, 2))) == ["Conv2D"]
    assert ops_of(conv((2, 1), (5, 4), size=(16, 14))) == ["Conv2D", "StridedSlice"]


@pytest.mark.parametrize("changed", [{"strides": (1, 1, 1, 1)}, {"dilations": (1, 1, 1, 1)}])
def test_leaves_the_one_without_the_other_alone(changed: dict[str, tuple[int, ...]]) -> None:
    attrs = {"strides": (1, 2, 2, 1), "dilations": (1, 2, 2, 1), "padding": "SAME", **changed}
    assert lowered_by(one_op("Conv2D", floats(1, 9, 9, 2), floats(3, 3, 2, 2), constant=[1], **attrs)) == []  # type: ignore[arg-type]
