"""Shapes, one of which is a scalar's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, lowered_by, one_op, shapes

NAME = "broadcast_with_scalar"


def spread(first: tuple[int, ...], second: tuple[int, ...]) -> Example:
    return one_op("BroadcastArgs", np.array(first, np.int32), np.array(second, np.int32))


EXAMPLES = st.builds(lambda shape, flip: spread((), shape) if flip else spread(shape, ()), shapes(1, 4), st.booleans())
CORNERS = (spread((), (2, 3)), spread((2, 3), ()))


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_other_shapes_alone() -> None:
    assert lowered_by(spread((2, 1), (3,))) == []
