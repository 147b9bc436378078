from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, shapes
from scipy.special import erfinv

NEAR_0 = np.float32([-1e-3, 0, 1e-4, 1e-3])

EXAMPLES = st.builds(
    lambda shape, seed: one_op("Erfinv", floats(*shape, seed=seed, low=-1, high=1)), shapes(0, 4), st.integers(0, 99)
) | st.builds(
    lambda shape, seed: one_op("Ndtri", floats(*shape, seed=seed, low=1e-4, high=0.9999)),
    shapes(0, 4),
    st.integers(0, 99),
)
CORNERS = (
    # against the largest of each: the ends are larger than what is in between
    one_op("Erfinv", np.linspace(-0.99, 0.99, 199, dtype=np.float32), tolerance=1e-6),
    one_op("Erfinv", np.float32([-0.9999999, -0.999, 0.9999, 0.9999999, 1, -1])),
    # TensorFlow itself, which takes the quantile of (x + 1) / 2, is off by 5e-5 here
    one_op("Erfinv", NEAR_0, expected=[erfinv(NEAR_0)], tolerance=1e-6),
    one_op("Ndtri", np.linspace(0.01, 0.99, 199, dtype=np.float32), tolerance=1e-6),
    one_op("Ndtri", np.float32([1e-37, 1e-20, 1e-7, 1e-3, 0.5, 0.9999, 0, 1])),
    one_op("Erfinv", floats(2, 3, low=-1, high=1), unknown={0: [0]}),
)


@FEW
@given(EXAMPLES)
def test_it_is_the_inverse_of_erf(example: Example) -> None:
    assert_right_in_tensorflow(example, "erfinv")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "erfinv")


def test_leaves_erf_alone() -> None:
    assert lowered_by(one_op("Erf", floats(3))) == []
