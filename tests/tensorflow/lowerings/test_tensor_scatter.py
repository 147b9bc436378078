"""Updates added to or taken from a tensor."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, ints, one_op, shapes

from tfjsci.graph.graph import Array

NAME = "tensor_scatter"
OPS = ("TensorScatterAdd", "TensorScatterSub", "ScatterNdNonAliasingAdd")


def values(shape: tuple[int, ...], dtype: str, seed: int = 0) -> Array:
    return floats(*shape, seed=seed) if dtype == "float32" else ints(*shape, seed=seed).astype(dtype)


def scattered(
    op: str,
    shape: tuple[int, ...],
    depth: int,
    count: tuple[int, ...],
    dtype: str = "float32",
    *,
    unknown: tuple[int, ...] = (),
    of: str = "int32",
) -> Example:
    x = values(shape, dtype)
    at = np.stack([ints(*count, seed=i, low=0, high=n) for i, n in enumerate(shape[:depth])], -1).astype(of)
    updates = values((*count, *shape[depth:]), dtype, 1)
    return one_op(op, x, at, updates, unknown={0: unknown})


@st.composite
def examples(draw: st.DrawFn) -> Example:
    shape = draw(shapes(1, 4))
    depth = draw(st.integers(1, len(shape)))
    dtype, of = draw(st.sampled_from(["float32", "int32"])), draw(st.sampled_from(["int32", "int64"]))
    unknown = draw(st.sampled_from([(), (), (0,)]))
    op = draw(st.sampled_from(OPS))
    return scattered(op, shape, depth, draw(shapes(1, 2)), dtype, unknown=unknown, of=of)


EXAMPLES = examples()
CORNERS = (
    *(scattered(op, (3, 4), 1, (5,)) for op in OPS),
    scattered("TensorScatterAdd", (3, 4), 2, (2, 3), "int32", unknown=(0,)),
    scattered("TensorScatterSub", (3, 4, 2), 2, (7,), unknown=(0,), of="int64"),
)


@FEW
@given(EXAMPLES)
def test_is_the_same_in_tensorflow(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, NAME)
