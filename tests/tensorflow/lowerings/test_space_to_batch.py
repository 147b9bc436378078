from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op


def to_batch(rows: int, columns: int, block: int, before: int) -> Example:
    x = floats(2, rows * block, columns * block, 3)
    around = np.array([[before, block - before], [0, block]], np.int32)
    return one_op("SpaceToBatch", x, around, constant=[1], block_size=block)


EXAMPLES = st.builds(to_batch, st.integers(1, 3), st.integers(1, 3), st.integers(2, 3), st.integers(0, 2))
CORNERS = (
    one_op(
        "SpaceToBatch", floats(2, 4, 6, 3), np.zeros((2, 2), np.int32), constant=[1], block_size=2, unknown={0: [0]}
    ),
    one_op("BatchToSpace", floats(8, 2, 3, 3), np.array([[1, 0], [0, 2]], np.int32), constant=[1], block_size=2),
    one_op("BatchToSpace", floats(9, 2, 3, 1), np.zeros((2, 2), np.int64), constant=[1], block_size=3, Tidx="int64"),
)


@FEW
@given(EXAMPLES)
def test_it_is_the_op_with_a_block_size_for_each_dimension(example: Example) -> None:
    assert_right_in_tensorflow(example, "space_to_batch")


@pytest.mark.parametrize("example", CORNERS, ids=str)
def test_both_ways(example: Example) -> None:
    assert_right_in_tensorflow(example, "space_to_batch")


def test_leaves_the_newer_op_alone() -> None:
    block, around = np.array([2, 2], np.int32), np.zeros((2, 2), np.int32)
    assert lowered_by(one_op("SpaceToBatchND", floats(2, 4, 6, 3), block, around, constant=[1, 2])) == []
