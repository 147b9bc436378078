"""Positions in more than 4 dimensions, in none, and nothing to scatter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op, shapes

from tfjsci.graph.graph import Array

NAME = "flat_positions"
DTYPES = ("float32", "int32", "bool")


def values(shape: tuple[int, ...], dtype: str, seed: int = 0) -> Array:
    if dtype == "float32":
        return floats(*shape, seed=seed)
    return ints(*shape, seed=seed) % 2 == 0 if dtype == "bool" else ints(*shape, seed=seed).astype(dtype)


def places(shape: tuple[int, ...], depth: int, count: int) -> Array:
    return np.stack([ints(count, seed=i, low=0, high=n) for i, n in enumerate(shape[:depth])], -1)


def gathered(shape: tuple[int, ...], depth: int, dtype: str = "float32", *, unknown: tuple[int, ...] = ()) -> Example:
    at = places(shape, depth, 3) if depth else np.zeros((2, 3, 0), np.int32)
    return one_op("GatherNd", values(shape, dtype), at, unknown={0: unknown})


def scattered(shape: tuple[int, ...], depth: int, dtype: str = "float32", *, count: int = 3) -> Example:
    at = places(shape, depth, count)
    updates = values((count, *shape[depth:]), dtype)
    return one_op("ScatterNd", at, updates, np.array(shape, np.int32), constant=[2])


def updated(shape: tuple[int, ...], depth: int, dtype: str = "float32", *, unknown: tuple[int, ...] = ()) -> Example:
    at = np.unique(places(shape, depth, 4), axis=0)
    updates = values((len(at), *shape[depth:]), dtype, 1)
    return one_op("TensorScatterUpdate", values(shape, dtype), at, updates, unknown={0: unknown})


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes(5, 6, high=3))
    make = draw(st.sampled_from([gathered, scattered, updated]))
    dtype = draw(st.sampled_from(DTYPES)) if make is not scattered else draw(st.sampled_from(["float32", "int32"]))
    depth = draw(st.integers(5, len(shape)))
    if make is gathered:
        return gathered(shape, draw(st.sampled_from([depth, 0])), dtype, unknown=draw(st.sampled_from([(), (0,)])))
    if make is updated:
        return updated(shape, depth, dtype, unknown=draw(st.sampled_from([(), (0,)])))
    return scattered(shape, depth, dtype)


EXAMPLES = examples()
CORNERS = (
    *(gathered((2, 1, 2, 2, 3), 5, dtype) for dtype in DTYPES),
    *(gathered((2, 3), 0, dtype) for dtype in DTYPES),
    gathered((2, 3), 0, unknown=(0,)),
    scattered((2, 1, 2, 2, 3), 5),
    scattered((3, 2), 1, count=0),
    updated((2, 1, 2, 2, 3), 5, "int32", unknown=(0,)),
    updated((1, 2, 1, 2, 2, 2), 5, "bool"),
)


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_four_dimensions_alone() -> None:
    assert lowered_by(gathered((2, 1, 2, 2, 3), 4)) == []
    assert lowered_by(scattered((2, 1, 2, 2, 3), 4)) == []
    assert lowered_by(updated((2, 1, 2, 2, 3), 4)) == []
