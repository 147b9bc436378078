"""Sums of picked rows, by how many or the root of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, one_op, shapes

NAME = "sparse_segments"


def summed(
    op: str,
    rows: int,
    inner: tuple[int, ...],
    picked: int,
    *,
    unknown: tuple[int, ...] = (),
    count: int | None = None,
    seed: int = 0,
) -> Example:
    x = floats(rows, *inner)
    which = ints(picked, seed=seed, low=0, high=rows)
    ids = np.sort(ints(picked, seed=seed + 1, low=0, high=picked if count is None else count))
    rest = [] if count is None else [np.int32(count)]
    open_rows = [0] if 0 in unknown else []
    return one_op(
        op, x, which, ids, *rest, constant=[3] if rest else [], unknown={0: unknown, 1: open_rows, 2: open_rows}
    )


@st.composite
def examples(draw: st.DrawFn) -> Example:
    counted = draw(st.booleans())
    op = draw(st.sampled_from(WITH_COUNT)) if counted else "SparseSegmentSqrtN"
    picked = draw(st.integers(1, 6))
    return summed(
        op,
        draw(st.integers(1, 5)),
        draw(shapes(1, 2)),
        picked,
        unknown=draw(st.sampled_from([(), (0,)])),
        count=draw(st.integers(picked, picked + 2)) if counted else None,
        seed=draw(st.integers(0, 99)),
    )


WITH_COUNT = tuple(f"SparseSegment{kind}WithNumSegments" for kind in ("Sum", "Mean", "SqrtN"))
EXAMPLES = examples()
CORNERS = (
    summed("SparseSegmentSqrtN", 4, (3,), 5),
    summed("SparseSegmentSqrtN", 4, (3, 2), 5, unknown=(0,)),
    *(summed(op, 4, (3,), 5, count=7) for op in WITH_COUNT),
    summed("SparseSegmentMeanWithNumSegments", 4, (2, 2), 3, unknown=(0,), count=4),
)


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)
