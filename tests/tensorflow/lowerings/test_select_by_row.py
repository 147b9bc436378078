from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op, shapes

EXAMPLES = st.builds(
    lambda shape, seed: one_op(
        "Select", ints(shape[0], seed=seed) > 0, floats(*shape, seed=seed), floats(*shape, seed=seed + 1)
    ),
    shapes(2, 4),
    st.integers(0, 99),
)
CORNERS = (
    one_op("Select", np.array([True, False]), floats(2, 3), floats(2, 3, seed=1)),
    one_op("Select", np.array([True, False, True]), ints(3, 3), ints(3, 3, seed=1)),
    one_op(
        "Select", np.array([True, False]), floats(2, 1, 3), floats(2, 1, 3, seed=1), unknown={0: [0], 1: [0], 2: [0]}
    ),
    one_op("Select", np.array([True, False]), ints(2, 3) > 0, ints(2, 3, seed=1) > 0),
    one_op("Select", np.array([True]), floats(1, 3), floats(1, 3, seed=1)),
)


@FEW
@given(EXAMPLES)
def test_a_row_is_taken_whole(example: Example) -> None:
    assert_right_in_tensorflow(example, "select_by_row")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "select_by_row")


def test_leaves_alone_a_condition_of_each_value() -> None:
    assert lowered_by(one_op("Select", ints(2, 3) > 0, floats(2, 3), floats(2, 3, seed=1))) == []
    assert lowered_by(one_op("Select", ints(3) > 0, floats(3), floats(3, seed=1))) == []
    assert lowered_by(one_op("SelectV2", ints(3) > 0, floats(2, 3), floats(2, 3, seed=1))) == []
