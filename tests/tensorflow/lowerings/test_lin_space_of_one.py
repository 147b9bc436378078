"""One number of a range."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, lowered_by, one_op

NAME = "lin_space_of_one"


def spaced(start: float, stop: float) -> Example:
    return one_op("LinSpace", np.float32(start), np.float32(stop), np.int32(1), constant=[2])


EXAMPLES = st.builds(spaced, st.integers(-9, 9), st.integers(-9, 9))
CORNERS = (spaced(2, 5), spaced(2, 2))


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_several_numbers_alone() -> None:
    assert lowered_by(one_op("LinSpace", np.float32(2), np.float32(5), np.int32(3), constant=[2])) == []
