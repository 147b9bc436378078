"""Rows put at constant places."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, one_op, refused, shapes

from tfjsci.graph.graph import Array

NAME = "dynamic_stitch"
DTYPES = ("float32", "int32", "bool")


def values(shape: tuple[int, ...], dtype: str, seed: int = 0) -> Array:
    if dtype == "float32":
        return floats(*shape, seed=seed)
    return ints(*shape, seed=seed) % 2 == 0 if dtype == "bool" else ints(*shape, seed=seed).astype(dtype)


def stitched(
    places: list[Array], inner: tuple[int, ...], dtype: str = "float32", *, op: str = "DynamicStitch"
) -> Example:
    parts = [values((*at.shape, *inner), dtype, i) for i, at in enumerate(places)]
    return one_op(op, *places, *parts, constant=range(len(places)), N=len(places))


@st.composite
def examples(draw: st.DrawFn) -> Example:
    order = np.array(draw(st.permutations(range(draw(st.integers(2, 7))))), np.int32)
    if draw(st.booleans()):
        order = np.concatenate([order, order[:1]])
    cut = draw(st.integers(1, order.size - 1))
    return stitched([order[:cut], order[cut:]], draw(shapes(0, 2)), draw(st.sampled_from(DTYPES)))


EXAMPLES = examples()
CORNERS = (
    *(stitched([np.array([2, 0], np.int32), np.array([1], np.int32)], (3,), dtype) for dtype in DTYPES),
    stitched([np.array(1, np.int32), np.array([[2, 0], [3, 1]], np.int32)], (2,)),
    stitched([np.array([1, 0], np.int32)], (), op="ParallelDynamicStitch"),
)


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_declines_places_of_the_run() -> None:
    assert "DynamicStitch" in refused(one_op("DynamicStitch", np.array([1, 0], np.int32), floats(2, 3), N=1))
