from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, lowered_by, one_op
from rank_cases import DTYPES, values

NAME = "split_rest"


def split(
    shape: tuple[int, ...],
    sizes: list[int],
    axis: int,
    dtype: str = "float32",
    unknown: tuple[int, ...] = (),
    of: str = "int32",
) -> Example:
    given_values = values(shape, dtype), np.array(sizes, of), np.int32(axis)
    count = len(sizes)
    return one_op("SplitV", *given_values, constant=[1, 2], num_split=count, outputs=count, unknown={0: unknown})


@st.composite
def examples(draw: st.DrawFn) -> Example:
    sizes = draw(st.lists(st.integers(0, 2), min_size=1, max_size=2))
    shape = [draw(st.integers(1, 3)) for _ in range(draw(st.integers(1, 3)))]
    axis = draw(st.integers(0, len(shape) - 1))
    shape[axis] = sum(sizes) + draw(st.integers(1, 3))
    unknown = draw(st.sampled_from([(), (0,), (axis,)]))
    place = axis - len(shape) if draw(st.booleans()) else axis
    return split(
        tuple(shape),
        [-1, *sizes],
        place,
        draw(st.sampled_from(DTYPES)),
        unknown,
        draw(st.sampled_from(["int32", "int64"])),
    )


EXAMPLES = examples()
CORNERS = (
    split((3, 4), [-1, 1], 1),
    split((3, 4), [-1, 0, 2], 0),
    split((3, 4), [-1, 1, 2], -1, "int32", unknown=(0, 1)),
    split((4,), [-1, 1], 0, "bool", unknown=(0,)),
    split((3, 4), [-1, 4], 1),
)


@FEW
@given(EXAMPLES)
def test_what_is_left_is_told(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_a_rest_alone_that_comes_later() -> None:
    assert lowered_by(split((3, 4), [1, -1], 1)) == []
    assert lowered_by(split((3, 4), [1, 3], 1)) == []
