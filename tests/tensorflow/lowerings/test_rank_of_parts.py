from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, refused
from rank_cases import DTYPES, high_shapes, unknowns, values

NAME = "rank_of_parts"


def split(
    shape: tuple[int, ...], axis: int, count: int, dtype: str = "float32", unknown: tuple[int, ...] = ()
) -> Example:
    x = values(shape, dtype)
    return one_op("Split", np.int32(axis), x, constant=[0], num_split=count, outputs=count, unknown={1: unknown})


def split_v(shape: tuple[int, ...], axis: int, sizes: list[int], unknown: tuple[int, ...] = ()) -> Example:
    given_values = values(shape), np.array(sizes, np.int32), np.int32(axis)
    count = len(sizes)
    return one_op("SplitV", *given_values, constant=[1, 2], num_split=count, outputs=count, unknown={0: unknown})


def unpack(shape: tuple[int, ...], axis: int, dtype: str = "float32", unknown: tuple[int, ...] = ()) -> Example:
    count = shape[axis]
    return one_op("Unpack", values(shape, dtype), axis=axis, num=count, outputs=count, unknown={0: unknown})


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = list(draw(high_shapes(7, 8, numbers=96)))
    axis = draw(st.integers(0, len(shape) - 1))
    shape[axis] = 2
    place = axis - len(shape) if draw(st.booleans()) else axis
    unknown = tuple(a for a in draw(unknowns(len(shape))) if a != axis)
    match draw(st.sampled_from(["Split", "SplitV", "Unpack"])):
        case "Split":
            return split(tuple(shape), place, 2, draw(st.sampled_from(DTYPES)), unknown)
        case "Unpack":
            return unpack(tuple(shape), place, draw(st.sampled_from(DTYPES)), unknown)
    shape[axis] = 3
    return split_v(tuple(shape), place, draw(st.sampled_from([[1, 2], [-1, 1], [3], [0, 3]])), unknown)


EXAMPLES = examples()
SEVEN = (2, 1, 2, 3, 1, 2, 2)
CORNERS = (
    split(SEVEN, 5, 2, unknown=(0, 1)),
    split(SEVEN, -4, 3, "int32"),
    split_v(SEVEN, 3, [1, 2], unknown=(0,)),
    split_v(SEVEN, 3, [-1, 1], unknown=(3,)),
    unpack(SEVEN, 0, "bool"),
    unpack(SEVEN, -4, unknown=(0,)),
)


@FEW
@given(EXAMPLES)
def test_what_is_before_and_behind_the_axis_is_merged(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_six_dimensions_alone() -> None:
    assert lowered_by(split(SEVEN[1:], 1, 2)) == []
    assert lowered_by(unpack(SEVEN[1:], 1)) == []


def test_declines_an_axis_of_the_run() -> None:
    assert "6 dimensions" in refused(one_op("Split", np.int32(0), floats(*SEVEN), num_split=2, outputs=2))
