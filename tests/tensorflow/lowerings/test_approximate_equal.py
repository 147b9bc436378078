from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op, refused, shapes

EXAMPLES = st.builds(
    lambda shape, seed, tolerance: one_op(
        "ApproximateEqual",
        floats(*shape, seed=seed),
        floats(*shape, seed=seed) + floats(*shape, seed=seed + 1, low=-0.5, high=0.5),
        tolerance=tolerance,
    ),
    shapes(0, 5),
    st.integers(0, 99),
    st.sampled_from([0.1, 0.25, 0.4]),
)
CORNERS = (
    one_op(
        "ApproximateEqual",
        np.float32([1, 1, 1, np.nan, np.inf]),
        np.float32([1, 1.5, 2, np.nan, np.inf]),
        tolerance=0.5,
    ),
    one_op("ApproximateEqual", np.float32([1, 1]), np.float32([1, 1.001])),
    one_op("ApproximateEqual", floats(2, 3), floats(2, 3, seed=1), unknown={0: [0], 1: [0]}, tolerance=1),
)


@FEW
@given(EXAMPLES)
def test_it_compares_the_difference(example: Example) -> None:
    assert_right_in_tensorflow(example, "approximate_equal")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "approximate_equal")


def test_leaves_equal_alone() -> None:
    assert lowered_by(one_op("Equal", floats(3), floats(3))) == []


def test_declines_integers() -> None:
    assert "no such op" in refused(one_op("ApproximateEqual", ints(3), ints(3)))
