"""Rows dealt out by number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, one_op, shapes

from tfjsci.graph.graph import Array

NAME = "dynamic_partition"
DTYPES = ("float32", "int32", "bool")


def values(shape: tuple[int, ...], dtype: str, seed: int = 0) -> Array:
    if dtype == "float32":
        return floats(*shape, seed=seed)
    return ints(*shape, seed=seed) % 2 == 0 if dtype == "bool" else ints(*shape, seed=seed).astype(dtype)


def parted(
    of_parts: tuple[int, ...],
    inner: tuple[int, ...],
    count: int,
    dtype: str = "float32",
    *,
    unknown: tuple[int, ...] = (),
    seed: int = 0,
) -> Example:
    parts = ints(*of_parts, seed=seed, low=0, high=count)
    both = {0: unknown, 1: [axis for axis in unknown if axis < len(of_parts)]}
    return one_op(
        "DynamicPartition", values((*of_parts, *inner), dtype), parts, outputs=count, unknown=both, num_partitions=count
    )


@st.composite
def examples(draw: st.DrawFn) -> Example:
    of_parts, inner = draw(shapes(1, 2)), draw(shapes(0, 2))
    unknown = draw(st.sampled_from([(), (), (0,)]))
    dtype, seed = draw(st.sampled_from(DTYPES)), draw(st.integers(0, 99))
    return parted(of_parts, inner, draw(st.integers(1, 3)), dtype, unknown=unknown, seed=seed)


EXAMPLES = examples()
CORNERS = (
    *(parted((5,), (2,), 3, dtype) for dtype in DTYPES),
    parted((2, 3), (2,), 2, unknown=(0,)),
    parted((4,), (), 5, "int32"),  # a part that gets nothing
)


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)
