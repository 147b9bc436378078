"""Gathers with batches, which wasm mixes up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, lowered_by, one_op, shapes

from tfjsci.graph.graph import Array

NAME = "batched_gather"
DTYPES = ("float32", "int32", "bool")


def values(shape: tuple[int, ...], dtype: str, seed: int = 0) -> Array:
    if dtype == "float32":
        return floats(*shape, seed=seed)
    return ints(*shape, seed=seed) % 2 == 0 if dtype == "bool" else ints(*shape, seed=seed).astype(dtype)


def gathered(
    shape: tuple[int, ...],
    batches: int,
    axis: int,
    rest: tuple[int, ...],
    dtype: str = "float32",
    *,
    unknown: tuple[int, ...] = (),
    negative: bool = False,
    of: str = "int32",
) -> Example:
    x = values(shape, dtype)
    indices = ints(*shape[:batches], *rest, low=0, high=shape[axis]).astype(of)
    both = {0: unknown, 1: [axis for axis in unknown if axis < batches]}
    at = axis - len(shape) if negative else axis
    return one_op(
        "GatherV2",
        x,
        indices,
        np.int32(at),
        constant=[2],
        unknown=both,
        batch_dims=batches - indices.ndim if negative and rest else batches,
    )


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes(2, 5))
    batches = draw(st.integers(1, len(shape) - 1))
    axis = draw(st.integers(batches, len(shape) - 1))
    rest = draw(shapes(0, 2))
    unknown = draw(st.sampled_from([(), (), (0,), (0, 1)]))
    dtype = draw(st.sampled_from(DTYPES))
    of = draw(st.sampled_from(["int32", "int64"]))
    return gathered(shape, batches, axis, rest, dtype, unknown=unknown, negative=draw(st.booleans()), of=of)


EXAMPLES = examples().filter(lambda example: lowered_by(example) != [])
CORNERS = (
    *(gathered((3, 4, 2), 1, 1, (2,), dtype) for dtype in DTYPES),
    gathered((3, 4, 2), 1, 1, (2,), unknown=(0,)),
    gathered((3, 4, 2), 1, 1, (2,), unknown=(0, 1)),
    gathered((2, 3, 4), 1, 2, (3,), unknown=(0,)),
    gathered((2, 3, 4), 2, 2, (2,), negative=True),
    gathered((2, 3, 4, 2), 2, 3, ()),
    gathered((2, 3, 2), 1, 1, (2, 2), "int32", of="int64"),
)


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


def test_leaves_gathers_without_batches_and_other_backends_alone() -> None:
    assert lowered_by(one_op("GatherV2", floats(3, 4), ints(3, low=0, high=3), np.int32(0), constant=[2])) == []
    batch = one_op(
        "GatherV2",
        floats(3, 4),
        ints(3, 2, low=0, high=4),
        np.int32(1),
        constant=[2],
        batch_dims=1,
        backends=("webgl", "cpu"),
    )
    assert lowered_by(batch) == []
