from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, refused, shapes

EXAMPLES = st.builds(
    lambda op, shape, seed: one_op(
        op,
        np.where(floats(*shape, seed=seed) < 0, 0, floats(*shape, seed=seed + 1)).astype(np.float32),
        floats(*shape[1:], seed=seed, low=0.05),
    ),
    st.sampled_from(["Xlogy", "Xlog1py", "Xdivy"]),
    shapes(1, 4),
    st.integers(0, 99),
) | st.builds(
    lambda shape, seed: one_op(
        "MulNoNan",
        floats(*shape, seed=seed),
        np.where(floats(*shape[1:], seed=seed) < 0, 0, floats(*shape[1:], seed=seed + 1)).astype(np.float32),
    ),
    shapes(1, 4),
    st.integers(0, 99),
)
CORNERS = (
    one_op("Xlogy", np.float32([0, 0, 0, 2]), np.float32([0, np.inf, 3, 3])),
    one_op("Xlog1py", np.float32([0, 0, 0, 2]), np.float32([-1, np.inf, 3, 3])),
    one_op("Xdivy", np.float32([0, 0, 0, 2]), np.float32([0, np.inf, 3, 0])),
    one_op("MulNoNan", np.float32([np.nan, np.inf, 3, 2]), np.float32([0, 0, 0, 4])),
    one_op("Xlogy", floats(2, 3), floats(3, low=0.1), unknown={0: [0]}),
    one_op("MulNoNan", np.float32(2), floats(2, 3)),
    one_op("Xdivy", floats(0, 3), floats(3)),
)


@FEW
@given(EXAMPLES)
def test_zero_wins_over_what_is_not_a_number(example: Example) -> None:
    assert_right_in_tensorflow(example, "zero_wins")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "zero_wins")


def test_dividing_without_nan_is_left_alone_up_to_four_dimensions() -> None:
    zeros = np.float32([0, 2])
    assert lowered_by(one_op("DivNoNan", floats(2, 1, 3, 2), zeros)) == []
    above = one_op("DivNoNan", floats(2, 1, 3, 1, 2), zeros)
    assert lowered_by(above) != []
    assert refused(above) == ""
