"""Sums and means of rows by ascending numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, one_op, refused, shapes

from tfjsci.graph.graph import Array

NAME = "segment_sum"
DTYPES = ("float32", "int32")


def values(shape: tuple[int, ...], dtype: str, seed: int = 0) -> Array:
    if dtype == "float32":
        return floats(*shape, seed=seed)
    return ints(*shape, seed=seed) % 2 == 0 if dtype == "bool" else ints(*shape, seed=seed).astype(dtype)


def ascending(count: int, seed: int = 0) -> Array:
    return np.sort(ints(count, seed=seed, low=0, high=count + 1))


def summed(
    op: str,
    rows: int,
    inner: tuple[int, ...],
    dtype: str = "float32",
    *,
    unknown: tuple[int, ...] = (),
    constant: bool = False,
    of: str = "int32",
    seed: int = 0,
) -> Example:
    x = values((rows, *inner), dtype)
    ids = ascending(rows, seed).astype(of)
    return one_op(op, x, ids, constant=[1] if constant else [], unknown={0: unknown, 1: [0] if 0 in unknown else []})


def with_count(rows: int, count: int) -> Example:
    """TensorFlow's CPU has no SegmentSumV2."""
    x, ids = floats(rows, 2), np.sort(ints(rows, low=0, high=count))
    want = np.zeros((count, 2), np.float32)
    np.add.at(want, ids, x)
    return one_op("SegmentSumV2", x, ids, np.int32(count), constant=[2], expected=[want])


@st.composite
def examples(draw: st.DrawFn) -> Example:
    op = draw(st.sampled_from(["SegmentSum", "SegmentMean"]))
    inner = draw(shapes(0, 2))
    unknown = draw(st.sampled_from([(), (), (0,)]))
    dtype = "float32" if op == "SegmentMean" else draw(st.sampled_from(DTYPES))
    constant, of = draw(st.booleans()), draw(st.sampled_from(["int32", "int64"]))
    seed = draw(st.integers(0, 99))
    return summed(op, draw(st.integers(1, 5)), inner, dtype, unknown=unknown, constant=constant, of=of, seed=seed)


EXAMPLES = examples()
CORNERS = (
    *(summed("SegmentSum", 5, (2,), dtype) for dtype in DTYPES),
    summed("SegmentSum", 5, (2, 3), unknown=(0,)),
    summed("SegmentSum", 5, (2,), "int32", constant=True),
    summed("SegmentMean", 5, (2,)),
    summed("SegmentMean", 5, (2, 2), constant=True),
    summed("SegmentMean", 5, (), unknown=(0,)),
    with_count(5, 7),
)


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_declines_the_mean_of_integers() -> None:
    assert "SegmentMean" in refused(summed("SegmentMean", 5, (2,), "int32"))
