from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, ints, one_op, refused, shapes

EXAMPLES = st.builds(
    lambda op, shape, seed, dtype, constant: one_op(
        op,
        ints(*shape, seed=seed, low=-999, high=999).astype(dtype),
        ints(*shape[1:], seed=seed + 1, low=0, high=13).astype(dtype),
        constant=[1] if constant else [],
    ),
    st.sampled_from(["LeftShift", "RightShift"]),
    shapes(1, 4),
    st.integers(0, 99),
    st.sampled_from(["int32", "int64", "int8", "uint8", "int16", "uint16"]),
    st.booleans(),
)
CORNERS = (
    one_op("RightShift", np.int32([1, -1, 5, -5, 8000000]), np.int32([31, 31, 1, 1, 3])),
    one_op("RightShift", np.int32([1, -1, 5, -5]), np.int32([31, 40, -1, 0]), constant=[1]),
    one_op("RightShift", np.int32([1, -1, 5, -5]), np.int32(31), constant=[1]),
    one_op("RightShift", np.int32([1, -1, 1000, -1000]), np.int32(3), constant=[1]),
    one_op("LeftShift", np.int32([1, -3, 5]), np.int32([12, 3, -2])),
    one_op("LeftShift", np.int32([1, -3, 5]), np.int32([31, 30, 40]), backends=["wasm", "cpu"]),
    one_op("LeftShift", np.uint8([1, 255, 3]), np.uint8([7, 1, 9])),
    one_op("RightShift", ints(2, 3), ints(3, low=0), unknown={0: [0]}),
)


@FEW
@given(EXAMPLES)
def test_it_multiplies_or_divides(example: Example) -> None:
    assert_right_in_tensorflow(example, "shift")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "shift")


def test_declines_what_the_runtime_has_not() -> None:
    assert "LeftShift" in refused(one_op("LeftShift", np.uint32([1]), np.uint32([3])))
