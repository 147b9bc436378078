from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, one_op, shapes

EXAMPLES = st.builds(
    lambda shape, seed: one_op("RGBToHSV", floats(*shape, 3, seed=seed, low=0, high=1)),
    shapes(0, 4),
    st.integers(0, 99),
)
PURE = np.float32(np.meshgrid([0, 0.5, 1], [0, 0.5, 1], [0, 0.5, 1])).reshape(3, -1).T.copy()
"""Greys, black, and colours of which two channels are equal."""
CORNERS = (
    one_op("RGBToHSV", PURE),
    one_op("RGBToHSV", floats(2, 3, 4, 3, low=-1, high=1), unknown={0: [0, 1, 2]}),
)


@FEW
@given(EXAMPLES)
def test_hue_saturation_value(example: Example) -> None:
    assert_right_in_tensorflow(example, "rgb_to_hsv")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "rgb_to_hsv")
