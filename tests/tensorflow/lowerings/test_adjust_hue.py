from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, one_op

EXAMPLES = st.builds(
    lambda delta, seed: one_op(
        "AdjustHue", floats(2, 3, 4, 3, seed=seed, low=0, high=1), np.float32(delta), constant=[1]
    ),
    st.floats(-1, 1, width=32),
    st.integers(0, 99),
)
PURE = np.float32(np.meshgrid([0, 0.5, 1], [0, 0.5, 1], [0, 0.5, 1])).reshape(1, 3, -1).transpose(0, 2, 1).copy()
CORNERS = (
    one_op("AdjustHue", PURE, np.float32(0.3)),
    one_op("AdjustHue", PURE, np.float32(-0.9)),
    one_op("AdjustHue", floats(2, 3, 4, 3, low=-1, high=2), np.float32(0.2), unknown={0: [0, 1, 2]}),
)


@FEW
@given(EXAMPLES)
def test_the_hue_turns(example: Example) -> None:
    assert_right_in_tensorflow(example, "adjust_hue")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "adjust_hue")
