from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op, refused, shapes

EXAMPLES = st.builds(
    lambda shape, seed: one_op("Inv", floats(*shape, seed=seed, low=0.1)), shapes(0, 5), st.integers(0, 99)
)
CORNERS = (
    one_op("Inv", np.float32([0.5, -4, 0, np.inf])),
    one_op("Inv", floats(2, 3, low=0.1), unknown={0: [0]}),
)


@FEW
@given(EXAMPLES)
def test_it_is_reciprocal(example: Example) -> None:
    assert_right_in_tensorflow(example, "inverse")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "inverse")


def test_leaves_reciprocal_alone() -> None:
    assert lowered_by(one_op("Reciprocal", floats(3, low=0.1))) == []


def test_declines_integers() -> None:
    assert "no such op" in refused(one_op("Inv", ints(3, low=1)))
