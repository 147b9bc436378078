from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op, refused


def updated(
    sizes: Sequence[int], part: Sequence[int], start: Sequence[int], dtype: str = "float32", *, constant: bool = False
) -> Example:
    """TensorFlow has no kernel outside of XLA: what it means is written down here."""
    make = floats if dtype == "float32" else ints
    x, update = make(*sizes, seed=1).astype(dtype), make(*part, seed=2).astype(dtype)
    wanted = x.copy()
    begins = [min(max(s, 0), n - p) for s, n, p in zip(start, sizes, part, strict=True)]
    wanted[tuple(slice(b, b + p) for b, p in zip(begins, part, strict=True))] = update
    indices = np.array(start, np.int32)
    return one_op("XlaDynamicUpdateSlice", x, update, indices, constant=(2,) if constant else (), expected=[wanted])


@st.composite
def cases(draw: st.DrawFn) -> Example:
    sizes = draw(st.lists(st.integers(1, 5), min_size=1, max_size=3))
    part = [draw(st.integers(1, n)) for n in sizes]
    start = [draw(st.integers(-2, 6)) for _ in sizes]
    return updated(sizes, part, start, draw(st.sampled_from(["float32", "int32"])), constant=draw(st.booleans()))


EXAMPLES = cases()
CORNERS = (
    updated((4, 5), (2, 2), (1, 2)),
    updated((4, 5), (2, 2), (9, -3), constant=True),
    updated((3,), (3,), (0,), "int32"),
    updated((2, 3, 4), (1, 3, 2), (1, 0, 1), constant=True),
)


@FEW
@given(EXAMPLES)
def test_the_update_lies_over_it(example: Example) -> None:
    assert_right_in_tensorflow(example, "update_slice")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "update_slice")


def test_leaves_other_updates_alone() -> None:
    assert lowered_by(one_op("Select", np.array([True]), floats(1), floats(1, seed=1))) == []


def test_declines_open_sizes() -> None:
    x, update = floats(4), floats(2)
    open_sizes = one_op("XlaDynamicUpdateSlice", x, update, np.array([1], np.int32), unknown={0: [0]})
    assert "no such op" in refused(open_sizes)
