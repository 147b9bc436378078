from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, one_op, shapes

EXAMPLES = st.builds(lambda shape, seed: one_op("L2Loss", floats(*shape, seed=seed)), shapes(0, 5), st.integers(0, 99))
CORNERS = (one_op("L2Loss", floats(2, 3), unknown={0: [0]}),)


@FEW
@given(EXAMPLES)
def test_it_is_half_the_sum_of_squares(example: Example) -> None:
    assert_right_in_tensorflow(example, "l2_loss")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "l2_loss")
