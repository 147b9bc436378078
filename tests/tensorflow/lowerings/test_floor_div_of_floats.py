from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op, shapes

EXAMPLES = st.builds(
    lambda shape, seed: one_op(
        "FloorDiv",
        floats(*shape, seed=seed, low=-90, high=90),
        np.where(ints(*shape[1:], seed=seed) < 0, -0.75, 2.5).astype(np.float32),
    ),
    shapes(1, 5),
    st.integers(0, 99),
)
CORNERS = (
    one_op("FloorDiv", np.float32([7, -7, 7, -7, 5.5, -5.5, 0, 1e10]), np.float32([2, 2, -2, -2, 2, 2, 3, 8])),
    one_op("FloorDiv", floats(2, 3, high=50), np.float32(0.5), unknown={0: [0]}, constant=[1]),
    one_op("FloorDiv", np.float32([1, -1]), np.float32([0, 0])),
    one_op("FloorDiv", floats(0, 3), np.float32(2)),
)


@FEW
@given(EXAMPLES)
def test_it_is_the_floor_of_the_quotient(example: Example) -> None:
    assert_right_in_tensorflow(example, "floor_div_of_floats")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "floor_div_of_floats")


def test_leaves_integers_alone() -> None:
    assert lowered_by(one_op("FloorDiv", ints(3), np.int32(2))) == []
