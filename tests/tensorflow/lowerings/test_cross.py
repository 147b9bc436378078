from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, one_op, shapes

EXAMPLES = st.builds(
    lambda shape, make, seed: one_op("Cross", make(*shape, 3, seed=seed), make(*shape, 3, seed=seed + 1)),
    shapes(0, 3),
    st.sampled_from([floats, ints]),
    st.integers(0, 99),
)
CORNERS = (
    one_op("Cross", floats(2, 3), floats(2, 3, seed=1), unknown={0: [0], 1: [0]}),
    one_op("Cross", ints(3).astype(np.int64), ints(3, seed=1).astype(np.int64)),
)


@FEW
@given(EXAMPLES)
def test_it_is_two_products_turned(example: Example) -> None:
    assert_right_in_tensorflow(example, "cross")


@pytest.mark.parametrize("example", CORNERS, ids=lambda example: f"{example!r:.80}")
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "cross")
