"""Unique numbers and rows, where webgpu is wanted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op, refused, shapes

from tfjsci.graph.graph import Array

NAME = "unique"
DTYPES = ("float32", "int32", "bool")


def values(shape: tuple[int, ...], dtype: str, seed: int = 0) -> Array:
    if dtype == "float32":
        return floats(*shape, seed=seed)
    return ints(*shape, seed=seed) % 2 == 0 if dtype == "bool" else ints(*shape, seed=seed).astype(dtype)


def unique(
    x: Array, axis: int | None = None, *, unknown: tuple[int, ...] = (), out_idx: str = "int32", old: bool = False
) -> Example:
    if old:
        return one_op("Unique", x, outputs=2, unknown={0: unknown}, out_idx=out_idx)
    which = np.array([] if axis is None else [axis], np.int32)
    return one_op("UniqueV2", x, which, outputs=2, constant=[1], unknown={0: unknown}, out_idx=out_idx)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes(1, 3))
    x = ints(*shape, low=0, high=3).astype(draw(st.sampled_from(["float32", "int32", "bool"])))
    unknown = draw(st.sampled_from([(), (), (0,)]))
    out_idx = draw(st.sampled_from(["int32", "int64"]))
    if len(shape) == 1:
        return unique(x, unknown=unknown, out_idx=out_idx, old=draw(st.booleans()))
    return unique(x, draw(st.integers(-len(shape), len(shape) - 1)), unknown=unknown, out_idx=out_idx)


EXAMPLES = examples()
CORNERS = (
    *(unique(values((9,), dtype), old=True) for dtype in DTYPES),
    unique(np.array([2, np.nan, 2, np.nan, 0, -0.0], np.float32)),
    unique(ints(70, low=0, high=9), old=True),
    unique(ints(9, low=0, high=3), unknown=(0,), out_idx="int64"),
    unique(np.array([[1, 2], [3, 4], [1, 2]], np.int32), 0),
    unique(np.array([[1, 2, 1], [3, 4, 3]], np.float32), 1, unknown=(0, 1)),
)


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_the_kernels_that_there_are_alone() -> None:
    assert lowered_by(one_op("Unique", ints(5), outputs=2, backends=("webgl", "wasm", "cpu"))) == []


def test_declines_more_than_can_be_compared() -> None:
    assert "Unique" in refused(one_op("Unique", ints(5000), outputs=2))
