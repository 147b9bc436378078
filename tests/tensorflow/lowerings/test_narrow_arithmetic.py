from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, ints, lowered_by, one_op, shapes

EXAMPLES = st.builds(
    lambda op, shape, seed, dtype: one_op(
        op,
        ints(*shape, seed=seed, low=-99, high=99).astype(dtype),
        ints(*shape[1:], seed=seed + 1, low=-99, high=99).astype(dtype),
    ),
    st.sampled_from(["AddV2", "Sub", "Mul"]),
    shapes(1, 4),
    st.integers(0, 99),
    st.sampled_from(["int8", "uint8", "int16"]),
)
CORNERS = (
    one_op("AddV2", np.uint8([250, 1]), np.uint8([10, 1])),
    one_op("Sub", np.uint8([5, 10]), np.uint8([10, 5])),
    one_op("Mul", np.int8([50, -2]), np.int8([10, 3])),
    one_op("Mul", np.uint16([500, 2]), np.uint16([500, 3])),
    one_op("Neg", np.int8([-128, 127])),
    one_op("AddN", np.uint8([100, 1]), np.uint8([100, 1]), np.uint8([100, 1])),
    one_op("Sum", np.uint8([[200, 100, 3], [1, 2, 3]]), np.int32([1]), constant=[1]),
    one_op("Sum", np.uint8([[200, 100, 3], [1, 2, 3]]), np.int32([0]), constant=[1], unknown={0: [0]}),
    one_op("Cumsum", np.int8([100, 100, -3]), np.int32(0), constant=[1]),
    one_op("Square", np.int16([200, -3])),
)


@FEW
@given(EXAMPLES)
def test_it_wraps(example: Example) -> None:
    assert_right_in_tensorflow(example, "narrow_arithmetic")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "narrow_arithmetic")


def test_leaves_alone_what_cannot_go_beyond() -> None:
    assert lowered_by(one_op("AddV2", ints(3), ints(3))) == []
    assert lowered_by(one_op("Maximum", np.uint8([1, 2]), np.uint8([2, 1]))) == []
    assert lowered_by(one_op("Sub", np.uint8(255), np.uint8([1, 255]), constant=[0])) == []
