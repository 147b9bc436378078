"""Grids: zero among the values at the least cost, and exact however a GPU adds up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tfjsci.quantize.grid import grid_between

LARGEST = float(np.finfo(np.float32).max)
NUMBERS = st.floats(-LARGEST, LARGEST, width=32) | st.floats(-10, 10, width=32)
STEPS = st.sampled_from([15, 63, 255, 65535])


def of(low: float, high: float, steps: int = 255, *, single: bool = False) -> tuple[float, float]:
    """Scale and offset of one range."""
    grid = grid_between(np.array([[low]]), np.array([[high]]), steps, single=single)
    return float(grid.scale.item()), float(grid.offset.item())


@given(NUMBERS, NUMBERS, STEPS)
def test_the_range_is_at_most_one_step_wider_than_needed(a: float, b: float, steps: int) -> None:
    low, high = min(a, b), max(a, b)
    assume(low < high)
    scale, _ = of(low, high, steps)
    least = (high - low) / steps
    # an end within half a step of zero needs none, so the range may be narrower by one, too
    assert least * (1 - 1 / steps) <= scale <= least * steps / (steps - 1) * (1 + 1e-12)


@given(NUMBERS, NUMBERS, STEPS, st.booleans())
def test_both_ends_are_within_reach(a: float, b: float, steps: int, single: bool) -> None:
    low, high = min(a, b), max(a, b)
    assume(low < high)
    assume(not single or high - low < LARGEST / 2)  # beyond, no step must lead out of float32
    scale, offset = of(low, high, steps, single=single)
    slack = 1e-9 * scale * steps
    # an end that is nearer to zero than half a step is reached by zero itself
    assert offset - scale / 2 - slack <= low
    assert high <= offset + steps * scale + scale / 2 + slack


def test_a_short_side_does_not_make_the_steps_coarse() -> None:
    """Rounded to the nearest, zero would leave one step for the short side, half as long again as the others."""
    assert of(-1.0, 0.0059)[0] < 1.004 * 1.0059 / 255


def test_one_sided_ranges_begin_at_their_own_end() -> None:
    assert of(1.0, 256.0) == (1.0, 1.0)
    assert of(-256.0, -1.0) == (1.0, -256.0)
    assert of(0.0, 255.0) == (1.0, 0.0)
    assert of(-255.0, 0.0) == (1.0, -255.0)


def test_a_symmetric_range_moves_by_half_a_step() -> None:
    assert of(-1.0, 1.0) == (1 / 127, -1.0)  # and the other end is one step beyond 1


@pytest.mark.parametrize(("low", "high"), [(-1e-30, 1.0), (-1.0, 1e-30)])
def test_an_end_next_to_zero_is_zero(low: float, high: float) -> None:
    grid = grid_between(np.array([[low]]), np.array([[high]]), 255, single=False)
    found = grid.codes(np.array([[low, high]])) * grid.scale + grid.offset
    assert found.tolist() == [[0.0 if abs(x) < 1e-9 else x for x in (low, high)]]


@given(NUMBERS, NUMBERS, STEPS)
def test_of_a_range_with_zero_every_product_and_sum_is_exact_in_float32(a: float, b: float, steps: int) -> None:
    """Then a fused multiply-add gives the same bits as a product and a sum, and so does any order of the planes."""
    low, high = sorted((-abs(a), abs(b)))
    assume(high - low < LARGEST / 4)
    scale, offset = of(low, high, steps, single=True)
    codes = np.unique(np.linspace(0, steps, 300).astype(np.int64))
    for exact in (codes * scale, codes * scale + offset, scale, offset):
        np.testing.assert_array_equal(np.asarray(exact).astype(np.float32).astype(np.float64), exact)


def test_rows_are_told_apart() -> None:
    low, high = np.array([[-1.0], [2.0], [3.0]]), np.array([[1.0], [5.0], [3.0]])
    grid: Any = grid_between(low, high, 3, single=False)
    assert (grid.scale.ravel().tolist(), grid.offset.ravel().tolist()) == ([1, 1, 1], [-1, 2, 3])
