from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op, shapes

EXAMPLES = st.builds(
    lambda shape, seed, dtype: one_op(
        "ClipByValue",
        ints(*shape, seed=seed).astype(dtype),
        ints(*shape, seed=seed + 1, high=0).astype(dtype),
        ints(*shape, seed=seed + 2, low=0).astype(dtype),
    ),
    shapes(1, 5),
    st.integers(0, 99),
    st.sampled_from(["int32", "float32", "int64"]),
)
CORNERS = (
    one_op("ClipByValue", ints(2, 3), np.int32(-2), np.int32(3), constant=[1, 2]),
    one_op("ClipByValue", ints(2, 3), np.int32(3), np.int32(-2)),
    one_op("ClipByValue", floats(2, 3), np.full((2, 3), 3, np.float32), np.full((2, 3), -2, np.float32)),
    one_op("ClipByValue", floats(2, 3), floats(2, 3, high=0), floats(2, 3, low=0), unknown={0: [0], 1: [0], 2: [0]}),
)


@FEW
@given(EXAMPLES)
def test_it_is_bounded(example: Example) -> None:
    assert_right_in_tensorflow(example, "clip")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "clip")


def test_leaves_alone_floats_between_numbers() -> None:
    assert lowered_by(one_op("ClipByValue", floats(3), np.float32(-1), np.float32(1))) == []
