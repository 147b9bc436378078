"""Bools scattered, which webgpu can't."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, ints, lowered_by, one_op, shapes

NAME = "scatter_bools"


def scattered(shape: tuple[int, ...], count: int, depth: int, *, unknown: bool = False) -> Example:
    at = np.stack([ints(count, seed=i, low=0, high=n) for i, n in enumerate(shape[:depth])], -1)
    many = [0] if unknown else []
    updates = ints(count, *shape[depth:]) > 0
    return one_op("ScatterNd", at, updates, np.array(shape, np.int32), constant=[2], unknown={0: many, 1: many})


def sparse(shape: tuple[int, ...], count: int, *, default: bool = False) -> Example:
    rank = len(shape)
    places = np.sort(np.random.default_rng(count).choice(int(np.prod(shape)), count, replace=False))
    at = np.stack(np.unravel_index(places, shape), -1).astype(np.int32)
    values = ints(count, seed=rank) > 0
    return one_op("SparseToDense", at, np.array(shape, np.int32), values, np.bool_(default), constant=[1, 3])


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes(1, 3))
    if draw(st.booleans()):
        return sparse(shape, draw(st.integers(1, int(np.prod(shape)))), default=draw(st.booleans()))
    return scattered(shape, draw(st.integers(1, 6)), draw(st.integers(1, len(shape))), unknown=draw(st.booleans()))


EXAMPLES = examples()
CORNERS = (
    scattered((4, 3), 3, 1),
    scattered((3, 4), 5, 2, unknown=True),
    sparse((3, 4), 5),
    sparse((3, 4), 5, default=True),
)


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_numbers_alone() -> None:
    at, shape = np.array([[1], [0]], np.int32), np.array([3], np.int32)
    assert lowered_by(one_op("ScatterNd", at, ints(2), shape, constant=[2])) == []
