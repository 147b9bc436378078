"""Gathers from empty tensors, which wasm gives another shape."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op

NAME = "gather_of_nothing"


def gathered(shape: tuple[int, ...], axis: int, count: int, dtype: str = "float32") -> Example:
    indices = ints(count, low=0, high=max(shape[axis], 1))
    return one_op("GatherV2", np.zeros(shape, dtype), indices, np.int32(axis), constant=[2])


EXAMPLES = st.builds(
    lambda before, after, count, dtype: gathered((*before, 3, *after, 0), len(before), count, dtype),
    st.lists(st.integers(1, 3), max_size=2),
    st.lists(st.integers(1, 3), max_size=2),
    st.integers(0, 3),
    st.sampled_from(["float32", "int32", "bool"]),
)
CORNERS = (gathered((2, 3, 0), 1, 2), gathered((0, 3), 1, 2, "int32"), gathered((0, 3), 0, 0, "bool"))


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_gathers_of_something_alone() -> None:
    assert lowered_by(one_op("GatherV2", floats(3, 2), ints(2, low=0, high=3), np.int32(0), constant=[2])) == []
    assert lowered_by(one_op("GatherV2", floats(3, 2), np.zeros(0, np.int32), np.int32(0), constant=[2])) == []
