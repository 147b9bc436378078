from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, ints, one_op, refused, shapes

EXAMPLES = st.builds(
    lambda op, shape, seed, dtype, constant: one_op(
        op,
        ints(*shape, seed=seed, low=-(2**22), high=2**22).astype(dtype),
        ints(*shape[1:], seed=seed + 1, low=-(2**22), high=2**22).astype(dtype),
        constant=[1] if constant else [],
    ),
    st.sampled_from(["BitwiseAnd", "BitwiseOr", "BitwiseXor"]),
    shapes(1, 4),
    st.integers(0, 99),
    st.sampled_from(["int32", "int64", "int8", "uint8", "int16", "uint16"]),
    st.booleans(),
)
CORNERS = (
    one_op("BitwiseAnd", np.int32([12, -1, 0, -5, 8388607]), np.int32([10, 7, -1, -9, 85]), constant=[1]),
    one_op("BitwiseOr", np.int32([12, -1, 0, -5, 8388607]), np.int32([10, 7, -1, -9, 85])),
    one_op("BitwiseXor", np.int32([12, -1, 0, -5, 8388607]), np.int32([10, 7, -1, -9, 85])),
    one_op("BitwiseAnd", np.int32([300, -1, 0, -5]), np.int32(255), constant=[1]),
    one_op("BitwiseAnd", np.int32(1), ints(2, 3), constant=[0], unknown={1: [0]}),
    one_op("BitwiseOr", ints(2, 3), np.int32(5), constant=[1], unknown={0: [0]}),
    one_op("BitwiseXor", ints(2, 3), ints(3), unknown={0: [0]}),
    one_op("BitwiseXor", np.int32(6), ints(2, 3)),
    one_op(
        "BitwiseAnd",
        np.int32([12345678, -(2**31), 2**31 - 1]),
        np.int32([2**31 - 1, -1, 2**30]),
        backends=["wasm", "cpu"],
    ),
    one_op("BitwiseOr", ints(0, 3), np.int32(5)),
)


@FEW
@given(EXAMPLES)
def test_each_bit_is_combined(example: Example) -> None:
    assert_right_in_tensorflow(example, "bitwise")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "bitwise")


def test_declines_what_the_runtime_has_not() -> None:
    assert "BitwiseXor" in refused(one_op("BitwiseXor", np.uint32([1]), np.uint32([3])))
