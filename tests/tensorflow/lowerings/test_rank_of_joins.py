from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, refused
from rank_cases import DTYPES, high_shapes, values

NAME = "rank_of_joins"


def joined(
    shape: tuple[int, ...],
    axis: int,
    lengths: list[int],
    dtype: str = "float32",
    unknown: dict[int, list[int]] | None = None,
) -> Example:
    at = axis % len(shape)
    parts = [values((*shape[:at], n, *shape[at + 1 :]), dtype, i) for i, n in enumerate(lengths)]
    return one_op("ConcatV2", *parts, np.int32(axis), constant=[len(parts)], N=len(parts), unknown=unknown)


def packed(
    shape: tuple[int, ...], axis: int, dtype: str = "float32", unknown: dict[int, list[int]] | None = None
) -> Example:
    return one_op("Pack", values(shape, dtype), values(shape, dtype, 1), N=2, axis=axis, unknown=unknown)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    dtype = draw(st.sampled_from(DTYPES))
    batch = [0] if draw(st.booleans()) else []
    if draw(st.booleans()):
        shape = draw(high_shapes(6, 7, numbers=96))
        return packed(shape, draw(st.integers(-len(shape) - 1, len(shape))), dtype, {0: batch, 1: batch})
    shape = draw(high_shapes(7, 8, numbers=96))
    lengths = draw(st.lists(st.integers(1, 2), min_size=2, max_size=3))
    return joined(shape, draw(st.integers(-len(shape), len(shape) - 1)), lengths, dtype, {0: batch})


EXAMPLES = examples()
SIX, SEVEN = (2, 1, 2, 3, 1, 2), (2, 1, 2, 3, 1, 2, 2)
CORNERS = (
    joined(SEVEN, 3, [1, 2, 1], unknown={0: [0], 1: [0], 2: [0]}),
    joined(SEVEN, -1, [2, 1], unknown={0: [0, 6], 1: [0]}),
    joined(SEVEN, 0, [2, 1], "int32", unknown={0: [0], 1: [0]}),
    joined(SEVEN, 5, [2, 1], "bool"),
    packed(SIX, 0),
    packed(SIX, -1, "int32", unknown={0: [0], 1: [0]}),
    packed(SIX, 3, "bool", unknown={0: [0, 1]}),
    one_op("Concat", np.int32(2), floats(*SEVEN), floats(*SEVEN, seed=1), constant=[0], N=2),
)


@FEW
@given(EXAMPLES)
def test_what_is_before_and_behind_the_axis_is_merged(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_six_dimensions_alone() -> None:
    assert lowered_by(joined(SIX, 3, [1, 2])) == []
    assert lowered_by(packed(SIX[1:], 3)) == []


def test_declines_an_axis_of_the_run() -> None:
    assert "6 dimensions" in refused(one_op("ConcatV2", floats(*SEVEN), floats(*SEVEN), np.int32(1), N=2))
