from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, one_op, shapes

EXACT = {"tolerance": 0.0, "gpu_tolerance": 0.0}
EXAMPLES = st.builds(
    lambda shape, seed: one_op(
        "NextAfter",
        floats(*shape, seed=seed) * np.float32(10.0 ** (seed % 30 - 15)),
        floats(*shape[1:], seed=9),
        **EXACT,
    ),
    shapes(1, 4),
    st.integers(0, 99),
)
POWERS = np.float32([1, -1, 2, -2, 0.5, 4096, 1e-20, -1e20, 3e38])
CORNERS = (
    one_op("NextAfter", POWERS, np.float32(np.inf), **EXACT),
    one_op("NextAfter", POWERS, np.float32(0), **EXACT),
    one_op("NextAfter", POWERS, POWERS, **EXACT),
    one_op("NextAfter", np.nextafter(POWERS, np.float32(0)), np.float32(-np.inf), **EXACT),
    one_op("NextAfter", floats(2, 3), floats(2, 3, seed=1), unknown={0: [0]}, **EXACT),
    # the neighbours of 0 are 1e-45, which a GPU takes for 0
    one_op("NextAfter", np.float32([0, 0, -0.0]), np.float32([1, -1, 1]), scale=1),
)


@FEW
@given(EXAMPLES)
def test_it_is_the_neighbour(example: Example) -> None:
    assert_right_in_tensorflow(example, "next_after")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "next_after")
