from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, rewritten

from tfjsci.graph.graph import Array


def with_zeros(kernel: Array, down: int, right: int) -> Array:
    height, width = kernel.shape[:2]
    spread = np.zeros(((height - 1) * down + 1, (width - 1) * right + 1, *kernel.shape[2:]), kernel.dtype)
    spread[::down, ::right] = kernel
    return spread


def transposed(
    dilations: tuple[int, int],
    strides: int = 1,
    *,
    padding: str = "SAME",
    seed: int = 0,
    constant: tuple[int, ...] = (0, 1),
    unknown: tuple[int, ...] = (),
) -> Example:
    """TensorFlow's CPU has no dilations here: the reference has zeros in the kernel."""
    x, w = floats(2, 4, 5, 3, seed=seed), floats(3, 2, 2, 3, seed=seed)
    sizes = [n * strides for n in (4, 5)]
    if padding == "VALID":
        sizes = [(n - 1) * strides + (k - 1) * d + 1 for n, k, d in zip((4, 5), (3, 2), dilations, strict=True)]
    attrs = {"strides": (1, strides, strides, 1), "padding": padding}
    if padding == "EXPLICIT":
        attrs["explicit_paddings"] = (0, 0, 1, 0, 0, 1, 0, 0)
        sizes = [(n - 1) * strides + (k - 1) * d for n, k, d in zip((4, 5), (3, 2), dilations, strict=True)]
    shape = np.array([2, *sizes, 2], np.int32)
    wanted = one_op("Conv2DBackpropInput", shape, with_zeros(w, *dilations), x, **attrs).reference()
    return one_op(
        "Conv2DBackpropInput", shape, w, x, constant=constant, unknown={2: unknown}, dilations=(1, *dilations, 1),
        expected=wanted, **attrs,
    )  # fmt: skip


EXAMPLES = st.builds(
    transposed,
    st.sampled_from([(2, 1), (1, 3), (2, 2), (3, 2)]),
    st.integers(1, 2),
    padding=st.sampled_from(["SAME", "VALID", "EXPLICIT"]),
    seed=st.integers(0, 99),
    constant=st.sampled_from([(0, 1), (1,), (0,)]),
)
CORNERS = (
    transposed((2, 2), unknown=(0,)),
    transposed((2, 2), constant=(1,), unknown=(0,)),
)


@FEW
@given(EXAMPLES)
def test_the_kernel_gets_zeros_in_place_of_the_dilation(example: Example) -> None:
    assert_right_in_tensorflow(example, "transposed_conv")


@pytest.mark.parametrize("example", CORNERS, ids=str)
def test_sizes_of_the_run(example: Example) -> None:
    assert_right_in_tensorflow(example, "transposed_conv")


def test_a_constant_kernel_gets_them_at_conversion() -> None:
    graph = rewritten(transposed((2, 2))).graph
    assert [node.op for node in graph if node.op not in ("Const", "Placeholder")] == ["Conv2DBackpropInput"]


def test_leaves_one_without_dilations_alone() -> None:
    shape = np.array([2, 8, 10, 2], np.int32)
    plain = one_op(
        "Conv2DBackpropInput", shape, floats(3, 2, 2, 3), floats(2, 4, 5, 3), constant=[0, 1], strides=(1, 2, 2, 1),
        padding="SAME",
    )  # fmt: skip
    assert lowered_by(plain) == []
