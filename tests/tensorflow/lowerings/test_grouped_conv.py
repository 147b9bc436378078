from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, refused, rewritten

from tfjsci.graph.graph import Array


def grouped(
    groups: int,
    inner: int,
    multiplier: int,
    *,
    seed: int = 0,
    size: tuple[int, int] = (6, 5),
    strides: tuple[int, int] = (1, 1),
    dilations: tuple[int, int] = (1, 1),
    padding: str = "SAME",
    constant: bool = True,
    unknown: tuple[int, ...] = (),
) -> Example:
    x = floats(2, *size, groups * inner, seed=seed)
    w = floats(3, 2, inner, groups * multiplier, seed=seed)
    attrs = {"strides": (1, *strides, 1), "dilations": (1, *dilations, 1), "padding": padding}
    if padding == "EXPLICIT":
        attrs["explicit_paddings"] = (0, 0, 1, 0, 2, 1, 0, 0)
    return _in_groups("Conv2D", x, w, groups, constant, unknown, attrs)


def volume(
    groups: int,
    inner: int,
    multiplier: int,
    *,
    size: tuple[int, int, int] = (3, 5, 4),
    strides: tuple[int, int, int] = (1, 1, 1),
    padding: str = "SAME",
    constant: bool = True,
    unknown: tuple[int, ...] = (),
) -> Example:
    x, w = floats(2, *size, groups * inner), floats(2, 3, 2, inner, groups * multiplier)
    attrs = {"strides": (1, *strides, 1), "padding": padding}
    return _in_groups("Conv3D", x, w, groups, constant, unknown, attrs)


def _in_groups(
    op: str, x: Array, w: Array, groups: int, constant: bool, unknown: tuple[int, ...], attrs: dict[str, Any]
) -> Example:
    """TensorFlow's CPU has no groups: the reference convolves each by itself."""
    parts: list[Array] = []
    for a, b in zip(np.split(x, groups, -1), np.split(w, groups, -1), strict=True):
        parts += one_op(op, a, b, **attrs).reference()
    return one_op(
        op, x, w, constant=[1] if constant else [], unknown={0: unknown}, expected=[np.concatenate(parts, -1)], **attrs
    )


EXAMPLES = st.builds(
    grouped,
    st.integers(2, 4),
    st.integers(1, 3),
    st.integers(1, 2),
    seed=st.integers(0, 99),
    strides=st.sampled_from([(1, 1), (2, 2)]),
    padding=st.sampled_from(["SAME", "VALID", "EXPLICIT"]),
    constant=st.booleans(),
)
CORNERS = (
    grouped(4, 1, 1),
    grouped(3, 1, 2, constant=False, unknown=(0,)),
    grouped(2, 3, 2, unknown=(0, 1, 2)),
    grouped(2, 2, 1, strides=(1, 2)),
    volume(2, 2, 3, unknown=(0,)),
    volume(4, 1, 1, unknown=(0, 1, 2, 3)),
    volume(3, 1, 2, strides=(2, 1, 2), padding="VALID", constant=False),
    volume(2, 2, 1, strides=(2, 2, 2), size=(4, 5, 3)),
    grouped(2, 2, 3, dilations=(2, 1)),
)
BEYOND_TENSORFLOW = (grouped(4, 1, 1, strides=(1, 2)), grouped(4, 1, 2, dilations=(2, 2)))
"""Its depthwise convolution on the CPU has neither strides that differ nor dilations; the runtime has both."""
CORNERS += BEYOND_TENSORFLOW


@FEW
@given(EXAMPLES)
def test_each_group_is_convolved_by_itself(example: Example) -> None:
    assert_right_in_tensorflow(example, "grouped_conv")


@pytest.mark.parametrize("example", CORNERS[: -len(BEYOND_TENSORFLOW)], ids=str)
def test_kernels_of_the_run_and_open_sizes(example: Example) -> None:
    assert_right_in_tensorflow(example, "grouped_conv")


def test_groups_of_one_channel_are_depthwise_in_images_alone() -> None:
    def ops(example: Example) -> list[str]:
        return [node.op for node in rewritten(example).graph if node.op not in ("Const", "Placeholder")]

    assert ops(grouped(4, 1, 2)) == ["DepthwiseConv2dNative"]
    assert ops(volume(4, 1, 2)) == ["Split", *["Conv3D"] * 4, "ConcatV2"]


def test_a_constant_kernel_is_split_at_conversion() -> None:
    graph = rewritten(grouped(2, 3, 2)).graph
    assert [node.op for node in graph].count("Split") == 1
    assert sorted(c.value.shape for c in graph.constants.values() if c.value.ndim == 4) == [(3, 2, 3, 2)] * 2


def test_leaves_one_group_alone() -> None:
    x, w = floats(1, 5, 5, 3), floats(3, 3, 3, 4)
    assert lowered_by(one_op("Conv2D", x, w, constant=[1], strides=(1, 1, 1, 1), padding="SAME")) == []
    x, w = floats(1, 3, 5, 5, 2), floats(2, 3, 3, 2, 4)
    assert lowered_by(one_op("Conv3D", x, w, constant=[1], strides=(1, 1, 1, 1, 1), padding="SAME")) == []


def test_strides_and_dilations_are_lowered_behind_it() -> None:
    both = grouped(2, 3, 2, strides=(2, 2), dilations=(2, 2), size=(9, 8))
    assert lowered_by(both) == ["grouped_conv", "strided_dilated_conv"]
    assert refused(both) == ""
