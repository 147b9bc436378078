"""Unique numbers, and how often there is each.

How many there are is computed: a size of the run, as in a page that keeps small integers on the CPU.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, ints, one_op, shapes

from tfjsci.graph.graph import Array

NAME = "unique_with_counts"


def unique(
    x: Array, axis: int | None = None, *, unknown: tuple[int, ...] = (), out_idx: str = "int32", old: bool = False
) -> Example:
    if old:
        return one_op("UniqueWithCounts", x, outputs=3, unknown={0: unknown}, out_idx=out_idx)
    which = np.array([] if axis is None else [axis], np.int32)
    return one_op("UniqueWithCountsV2", x, which, outputs=3, constant=[1], unknown={0: unknown}, out_idx=out_idx)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes(1, 2))
    x = ints(*shape, low=0, high=3).astype(draw(st.sampled_from(["float32", "int32"])))
    unknown = (0,)
    out_idx = draw(st.sampled_from(["int32", "int64"]))
    if len(shape) == 1:
        return unique(x, unknown=unknown, out_idx=out_idx, old=draw(st.booleans()))
    return unique(x, draw(st.integers(-len(shape), len(shape) - 1)), unknown=unknown, out_idx=out_idx)


EXAMPLES = examples()
CORNERS = (
    unique(np.array([3, 1, 3, 2, 1, 3], np.float32), unknown=(0,), old=True),
    unique(ints(9, low=0, high=3), unknown=(0,), out_idx="int64"),
    unique(np.array([[1, 2], [3, 4], [1, 2]], np.int32), 0, unknown=(0,)),
)


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)
