"""How far the constants of a scale and a shift may be taken."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from graph_draft import Draft

from tfjsci.graph.graph import Shape, TensorType
from tfjsci.rewrite.affine import (
    along_channels,
    beside,
    flat,
    positive,
    stretched,
    too_large_a_shift,
    unknown_rank,
    unscaled,
)


@pytest.mark.parametrize(
    ("shape", "along"), [((), True), ((1,), True), ((3,), True), ((1, 1, 3), True), ((2, 1, 3), False), ((3, 1), False)]
)
def test_along_the_channels(shape: tuple[int, ...], along: bool) -> None:
    assert along_channels(np.ones(shape)) == along


def test_flat_constants_have_no_dimension_or_one() -> None:
    assert flat(np.ones((1, 1))).shape == ()
    assert flat(np.ones((1, 1, 3))).shape == (3,)


@pytest.mark.parametrize(
    ("shape", "value", "fits"),
    [
        ((None, 4), (), True),
        (None, (), True),
        (None, (4,), False),
        ((None, 4), (4,), True),
        ((None, 1), (4,), False),  # a grey picture and three colours
        ((None, None), (4,), False),
        ((None, 5, 4), (1, 1, 4), True),
        ((None, 5, 4), (5, 4), True),
        ((5, 4), (1, 1, 4), False),
        ((None, 5, 4), (6, 4), False),
    ],
)
def test_what_the_constant_does_not_stretch(shape: Shape, value: tuple[int, ...], fits: bool) -> None:
    draft = Draft()
    draft.input("x", shape)
    graph = draft.graph("x", types={"x": TensorType(dtype="float32", shape=shape)})
    assert (stretched(graph, "x", np.ones(value)) is None) == fits


@pytest.mark.parametrize(("rank", "shape"), [(2, (3,)), (4, (3,)), (5, (1, 3)), (None, (3,))])
def test_a_vector_beside_five_dimensions_is_a_row(rank: int | None, shape: tuple[int, ...]) -> None:
    draft = Draft()
    draft.input("x")
    known = None if rank is None else (2,) * rank
    graph = draft.graph("x", types={"x": TensorType(dtype="float32", shape=known)})
    assert beside(graph, "x", np.ones(3)).shape == shape
    assert beside(graph, "x", np.array(1.0)).shape == ()
    assert (unknown_rank(graph, "x", np.ones(3)) is None) == (rank is not None)
    assert unknown_rank(graph, "x", np.array(1.0)) is None


@pytest.mark.parametrize(
    ("scale", "is_positive"),
    [([1.0, 2.0], True), ([1.0, 0.0], False), ([1.0, -1.0], False), ([1.0, np.inf], False), ([np.nan], False)],
)
def test_positive_factors(scale: list[float], is_positive: bool) -> None:
    assert positive(np.array(scale)) == is_positive


def test_the_largest_shift_that_may_be_added_elsewhere() -> None:
    assert too_large_a_shift(np.array([-256.0, 1.0])) is None
    assert "257" in (too_large_a_shift(np.array([-257.0, 1.0])) or "")


@pytest.mark.parametrize(
    ("shift", "scale", "found"),
    [
        ([1.0, -3.0], [2.0, -4.0], [0.5, 0.75]),
        ([1.0], [0.0], "a factor is zero or not finite: there is nothing to divide the shift by"),
        ([1.0], [np.nan], "a factor is zero or not finite: there is nothing to divide the shift by"),
        ([1000.0], [0.25], [4000.0]),
        ([1.0], [1e-4], "the shift divided by the factor is too large for GPUs that compute in half precision"),
        ([np.nan], [1.0], "the shift divided by the factor is too large for GPUs that compute in half precision"),
        ([1e30], [1e-30], "the shift divided by the factor is too large for GPUs that compute in half precision"),
    ],
)
def test_a_shift_before_the_factor(shift: list[float], scale: list[float], found: Any) -> None:
    quotient = unscaled(np.array(shift, np.float32), np.array(scale, np.float32), np.dtype(np.float32))
    assert (quotient if isinstance(quotient, str) else quotient.tolist()) == found
