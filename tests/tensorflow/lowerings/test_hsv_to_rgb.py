from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, one_op, shapes

EXAMPLES = st.builds(
    lambda shape, seed: one_op("HSVToRGB", floats(*shape, 3, seed=seed, low=0, high=1)),
    shapes(0, 4),
    st.integers(0, 99),
)
SIXTHS = np.float32([[k / 12, s, 0.7] for k in range(13) for s in (0, 0.4, 1)])
CORNERS = (
    one_op("HSVToRGB", SIXTHS),
    one_op("HSVToRGB", floats(2, 3, 4, 3, low=0, high=1), unknown={0: [0, 1, 2]}),
)


@FEW
@given(EXAMPLES)
def test_red_green_blue(example: Example) -> None:
    assert_right_in_tensorflow(example, "hsv_to_rgb")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "hsv_to_rgb")
