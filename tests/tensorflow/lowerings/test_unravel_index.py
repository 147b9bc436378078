"""Places in a tensor of the number of an element."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, ints, one_op, refused, shapes

NAME = "unravel_index"


def unravelled(
    shape: tuple[int, ...], count: int | None, dtype: str = "int32", *, unknown: bool = False, seed: int = 0
) -> Example:
    index = ints(*(() if count is None else (count,)), seed=seed, low=0, high=int(np.prod(shape))).astype(dtype)
    sizes = np.array(shape, dtype)
    return one_op("UnravelIndex", index, sizes, constant=[1], unknown={0: [0] if unknown and count else []})


EXAMPLES = st.builds(
    unravelled,
    shapes(1, 4),
    st.integers(1, 6),
    st.sampled_from(["int32", "int64"]),
    unknown=st.booleans(),
    seed=st.integers(0, 99),
)
CORNERS = (unravelled((3, 4), 5), unravelled((2, 3, 4), 5, "int64", unknown=True), unravelled((7,), 3))


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_declines_sizes_of_the_run() -> None:
    assert "UnravelIndex" in refused(one_op("UnravelIndex", ints(2, low=0, high=3), np.array([2, 2], np.int32)))
