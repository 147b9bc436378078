from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, one_op, shapes

EXAMPLES = st.builds(
    lambda shape, factor, seed: one_op("AdjustContrastv2", floats(*shape, seed=seed), np.float32(factor), constant=[1]),
    shapes(3, 5),
    st.floats(0, 3, width=32),
    st.integers(0, 99),
)
CORNERS = (
    one_op("AdjustContrastv2", floats(3, 4, 2), np.float32(1.5)),
    one_op("AdjustContrastv2", floats(2, 3, 4, 3), np.float32(0.5), unknown={0: [0, 1, 2]}),
)


@FEW
@given(EXAMPLES)
def test_it_moves_from_the_mean(example: Example) -> None:
    assert_right_in_tensorflow(example, "adjust_contrast")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "adjust_contrast")
