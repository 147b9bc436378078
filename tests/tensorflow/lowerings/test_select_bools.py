from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op, shapes

EXAMPLES = st.builds(
    lambda shape, seed: one_op(
        "SelectV2",
        ints(*shape[1:], seed=seed) > 0,
        ints(*shape, seed=seed + 1) > 0,
        ints(*shape[-1:], seed=seed + 2) > 0,
    ),
    shapes(1, 5),
    st.integers(0, 99),
)
CORNERS = (
    one_op("SelectV2", np.array([True, False, True, False]), np.array([True, True, False, False]), np.array(False)),
    one_op("SelectV2", np.array([[True], [False]]), np.array([True, False, True]), np.array(True), constant=[2]),
    one_op("Select", np.array([True, False]), np.array([True, True]), np.array([False, False])),
    one_op("Select", np.array(True), ints(2, 3) > 0, ints(2, 3, seed=1) > 0),
    one_op(
        "SelectV2", ints(2, 3) > 0, ints(2, 3, seed=1) > 0, ints(2, 3, seed=2) > 0, unknown={0: [0], 1: [0], 2: [0]}
    ),
)


@FEW
@given(EXAMPLES)
def test_it_is_and_and_or(example: Example) -> None:
    assert_right_in_tensorflow(example, "select_bools")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "select_bools")


def test_leaves_numbers_alone() -> None:
    assert lowered_by(one_op("SelectV2", ints(3) > 0, floats(3), floats(3, seed=1))) == []
    assert lowered_by(one_op("SelectV2", ints(3) > 0, ints(3) > 0, ints(3) < 5, backends=["webgl", "cpu"])) == []
