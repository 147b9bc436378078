from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, one_op

EXAMPLES = st.builds(
    lambda scale, seed: one_op(
        "AdjustSaturation", floats(2, 3, 4, 3, seed=seed, low=0, high=1), np.float32(scale), constant=[1]
    ),
    st.floats(0, 3, width=32),
    st.integers(0, 99),
)
PURE = np.float32(np.meshgrid([0, 0.5, 1], [0, 0.5, 1], [0, 0.5, 1])).reshape(1, 3, -1).transpose(0, 2, 1).copy()
CORNERS = (
    *(one_op("AdjustSaturation", PURE, np.float32(scale)) for scale in (0, 0.5, 2, 100)),
    one_op("AdjustSaturation", floats(2, 3, 4, 3, low=-1, high=2), np.float32(1.5), unknown={0: [0, 1, 2]}),
)


@FEW
@given(EXAMPLES)
def test_the_distance_from_the_largest_is_stretched(example: Example) -> None:
    assert_right_in_tensorflow(example, "adjust_saturation")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "adjust_saturation")
