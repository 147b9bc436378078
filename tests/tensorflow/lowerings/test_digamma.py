from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, one_op, shapes

EXAMPLES = st.builds(
    lambda shape, seed: one_op("Digamma", floats(*shape, seed=seed, low=0.1, high=40), scale=1),
    shapes(0, 4),
    st.integers(0, 99),
)
CORNERS = (
    one_op("Digamma", np.linspace(0.1, 5, 300, dtype=np.float32), scale=1, tolerance=2e-6),
    one_op("Digamma", np.float32([1, 2, 3, 10, 100, 1e4, 1e8]), scale=1, tolerance=2e-6),
    one_op("Digamma", np.float32([-0.5, -1.5, -2.3, -7.9, -20.6, 0.4]), scale=1),
    one_op("Digamma", floats(2, 3, low=0.1), unknown={0: [0]}, scale=1),
)


@FEW
@given(EXAMPLES)
def test_it_is_the_derivative_of_lgamma(example: Example) -> None:
    assert_right_in_tensorflow(example, "digamma")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "digamma")
