"""Positions in a sparse tensor of another shape, where webgpu is wanted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, ints, lowered_by, one_op, shapes

NAME = "sparse_reshape"


def reshaped(old: tuple[int, ...], new: tuple[int, ...], count: int, *, unknown: bool = False) -> Example:
    at = np.stack([ints(count, seed=i, low=0, high=n) for i, n in enumerate(old)], -1).astype(np.int64)
    both = [np.array(shape, np.int64) for shape in (old, new)]
    return one_op("SparseReshape", at, *both, outputs=2, constant=[1, 2], unknown={0: [0] if unknown else []})


@st.composite
def examples(draw: st.DrawFn) -> Example:
    sizes = draw(shapes(1, 4))
    order = draw(st.permutations(sizes))
    cut = draw(st.integers(0, len(order)))
    new = [*order[:cut], int(np.prod(order[cut:]))]
    if draw(st.booleans()):
        new[draw(st.integers(0, len(new) - 1))] = -1
    return reshaped(sizes, tuple(new), draw(st.integers(1, 5)), unknown=draw(st.booleans()))


EXAMPLES = examples()
CORNERS = (reshaped((3, 4), (2, 6), 5), reshaped((3, 4), (-1,), 5, unknown=True), reshaped((2, 3, 4), (4, -1, 3), 5))


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_the_kernels_that_there_are_alone() -> None:
    shape = np.array([4], np.int64)
    example = one_op(
        "SparseReshape",
        np.zeros((1, 1), np.int64),
        shape,
        shape,
        outputs=2,
        constant=[1, 2],
        backends=("webgl", "wasm"),
    )
    assert lowered_by(example) == []
