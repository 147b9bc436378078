"""Sums of rows by number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, one_op, shapes

from tfjsci.graph.graph import Array

NAME = "unsorted_segment_sum"
DTYPES = ("float32", "int32")


def values(shape: tuple[int, ...], dtype: str, seed: int = 0) -> Array:
    if dtype == "float32":
        return floats(*shape, seed=seed)
    return ints(*shape, seed=seed) % 2 == 0 if dtype == "bool" else ints(*shape, seed=seed).astype(dtype)


def summed(
    of_ids: tuple[int, ...],
    inner: tuple[int, ...],
    count: int,
    dtype: str = "float32",
    *,
    unknown: tuple[int, ...] = (),
    constant: tuple[int, ...] = (2,),
    low: int = -1,
    of: str = "int32",
) -> Example:
    x = values((*of_ids, *inner), dtype)
    ids = ints(*of_ids, low=low, high=count).astype(of)
    open_ids = [axis for axis in unknown if axis < len(of_ids)]
    return one_op("UnsortedSegmentSum", x, ids, np.int32(count), constant=constant, unknown={0: unknown, 1: open_ids})


@st.composite
def examples(draw: st.DrawFn) -> Example:
    of_ids, inner = draw(shapes(1, 2)), draw(shapes(0, 2))
    unknown = draw(st.sampled_from([(), (), (0,)]))
    constant = draw(st.sampled_from([(2,), (2,), (1, 2), ()]))
    dtype, of = draw(st.sampled_from(DTYPES)), draw(st.sampled_from(["int32", "int64"]))
    low = draw(st.sampled_from([-1, 0]))
    return summed(of_ids, inner, draw(st.integers(1, 4)), dtype, unknown=unknown, constant=constant, low=low, of=of)


EXAMPLES = examples()
CORNERS = (
    *(summed((5,), (2,), 3, dtype) for dtype in DTYPES),
    summed((5,), (), 3),
    summed((2, 3), (2, 2), 4, unknown=(0,)),
    summed((5,), (2,), 3, constant=(1, 2), low=0),
    summed((5,), (2,), 3, constant=(1, 2)),
    summed((5,), (2, 2), 3, "int32", constant=(), unknown=(0, 1)),
    summed((0,), (2,), 3),
)


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)
