from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, refused
from rank_cases import high_shapes, unknowns, values

NAME = "rank_of_search"


def searched(
    op: str,
    shape: tuple[int, ...],
    axis: int,
    dtype: str = "float32",
    unknown: tuple[int, ...] = (),
    found: str = "int64",
) -> Example:
    return one_op(op, values(shape, dtype), np.int32(axis), constant=[1], unknown={0: unknown}, output_type=found)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = draw(high_shapes(7, 7, numbers=192))
    return searched(
        draw(st.sampled_from(["ArgMax", "ArgMin"])),
        shape,
        draw(st.integers(-7, 6)),
        "float32",
        draw(unknowns(7)),
        draw(st.sampled_from(["int32", "int64"])),
    )


EXAMPLES = examples()
SEVEN = (2, 1, 2, 3, 1, 2, 2)
CORNERS = (
    searched("ArgMax", SEVEN, 3, unknown=(0,)),
    searched("ArgMin", SEVEN, -4, found="int32"),
    searched("ArgMax", SEVEN, 0, unknown=(0, 3)),
    searched("ArgMax", SEVEN, 6),
)


@FEW
@given(EXAMPLES)
def test_what_is_before_and_behind_the_axis_is_merged(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_six_dimensions_alone() -> None:
    assert lowered_by(searched("ArgMax", SEVEN[1:], 2)) == []


def test_declines_an_axis_of_the_run() -> None:
    assert "6 dimensions" in refused(one_op("ArgMax", floats(*SEVEN), np.int32(1)))
