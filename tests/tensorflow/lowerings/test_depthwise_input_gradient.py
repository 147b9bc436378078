from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, one_op, refused


def transposed(
    k: tuple[int, int],
    stride: int,
    multiplier: int,
    *,
    padding: str = "SAME",
    size: tuple[int, int] = (7, 6),
    seed: int = 0,
    constant: tuple[int, ...] = (0, 1),
    unknown: tuple[int, ...] = (),
) -> Example:
    x = floats(2, *size, 3)
    w = floats(*k, 3, multiplier, seed=seed)
    attrs = {"strides": (1, stride, stride, 1), "padding": padding}
    y = one_op("DepthwiseConv2dNative", x, w, **attrs).reference()[0]
    sizes = np.array([2, *size, 3], np.int32)
    values = floats(*y.shape, seed=seed)
    return one_op(
        "DepthwiseConv2dNativeBackpropInput", sizes, w, values, constant=constant, unknown={2: unknown}, **attrs
    )


EXAMPLES = st.builds(
    transposed,
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.integers(1, 3),
    st.integers(1, 2),
    padding=st.sampled_from(["SAME", "VALID"]),
    seed=st.integers(0, 99),
)
CORNERS = (
    transposed((3, 3), 2, 1, unknown=(0,)),
    transposed((3, 2), 2, 2, padding="VALID", size=(6, 7)),
    transposed((2, 2), 3, 2, size=(6, 6)),
)


@FEW
@given(EXAMPLES)
def test_it_is_a_depthwise_convolution_of_spread_values(example: Example) -> None:
    assert_right_in_tensorflow(example, "depthwise_input_gradient")


@pytest.mark.parametrize("example", CORNERS, ids=str)
def test_strides_and_multipliers(example: Example) -> None:
    assert_right_in_tensorflow(example, "depthwise_input_gradient")


def test_declines_open_sizes() -> None:
    assert "no such op" in refused(transposed((3, 3), 2, 1, unknown=(1,)))
