"""Running logsumexp, of numbers far apart, infinite ones and none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, one_op, shapes

from tfjsci.graph.graph import Array

NAME = "cumulative_logsumexp"


def scanned(
    x: Array, axis: int, *, exclusive: bool = False, reverse: bool = False, unknown: tuple[int, ...] = ()
) -> Example:
    return one_op(
        "CumulativeLogsumexp",
        x,
        np.int32(axis),
        constant=[1],
        unknown={0: unknown},
        exclusive=exclusive,
        reverse=reverse,
    )


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes(1, 4))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    x = floats(*shape, low=-20, high=20)
    unknown = draw(st.sampled_from([(), (), (0,)]))
    return scanned(x, axis, exclusive=draw(st.booleans()), reverse=draw(st.booleans()), unknown=unknown)


EXAMPLES = examples()
CORNERS = (
    scanned(floats(2, 5), 1),
    scanned(floats(2, 5), 0, exclusive=True, unknown=(0,)),
    scanned(floats(2, 5), -1, reverse=True),
    scanned(floats(2, 3, 2), 1, exclusive=True, reverse=True, unknown=(0, 1)),
    scanned(np.array([-90, 3, 90, 0, -1], np.float32), 0),
    scanned(np.array([-np.inf, -np.inf, 1, 2], np.float32), 0),
)


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)
