"""Bools reversed, which wasm can't."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, ints, lowered_by, one_op, shapes

NAME = "reverse_bools"


def backwards(shape: tuple[int, ...], axes: tuple[int, ...], *, unknown: tuple[int, ...] = ()) -> Example:
    return one_op("ReverseV2", ints(*shape) > 0, np.array(axes, np.int32), constant=[1], unknown={0: unknown})


def marked(shape: tuple[int, ...], which: tuple[bool, ...]) -> Example:
    return one_op("Reverse", ints(*shape) > 0, np.array(which), constant=[1])


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes(1, 4))
    if draw(st.booleans()):
        return marked(shape, tuple(draw(st.booleans()) for _ in shape))
    axes = draw(st.lists(st.integers(0, len(shape) - 1), unique=True, max_size=3))
    axes = [axis - len(shape) if draw(st.booleans()) else axis for axis in axes]
    return backwards(shape, tuple(axes), unknown=draw(st.sampled_from([(), (0,), tuple(range(len(shape)))])))


EXAMPLES = examples()
CORNERS = (
    backwards((5,), (0,)),
    backwards((2, 3), (1,), unknown=(0, 1)),
    backwards((2, 3, 4), (-1, 0)),
    marked((2, 3), (True, False)),
)


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_numbers_alone() -> None:
    assert lowered_by(one_op("ReverseV2", ints(2, 3), np.array([1], np.int32), constant=[1])) == []
