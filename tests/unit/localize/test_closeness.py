"""How near one tensor comes to another, relative to its own size; whole numbers by how many differ."""

from __future__ import annotations

import numpy as np
import pytest

from tfjsci.graph.graph import Array
from tfjsci.localize.closeness import agrees, closeness, decibel, histogram, show, worst
from tfjsci.localize.localization import Closeness

ONES = np.ones(200, np.float32)


@pytest.mark.parametrize(
    ("reference", "candidate", "told"),
    [
        (ONES, ONES, "exact"),
        (ONES.astype(np.float64), ONES, "exact"),
        (ONES * 1e6, ONES * 1e6 * 1.001, "60.0 dB"),
        (ONES * 1e-6, ONES * 1e-6 * 1.001, "60.0 dB"),  # relative to its own size
        (ONES, ONES[:100], "its shape is [100], the reference's [200]"),
        (ONES * 0, ONES * 1e-7, "agrees"),
        (ONES * 0, ONES * 1e-5, "the reference is all zero, it is off by 1e-05"),
        (np.arange(200), np.where(np.arange(200) == 7, 0, np.arange(200)), "agrees"),  # one in 200: a tie
        (np.arange(20), np.where(np.arange(20) == 7, 0, np.arange(20)), "1 of 20 elements differ"),
        (ONES > 0, ONES < 0, "200 of 200 elements differ"),
        (np.array([np.nan, 1.0]), np.array([np.nan, 1.0]), "exact"),
        (np.array([np.nan, 1.0]), np.array([0.0, 1.0]), "NaN or infinite on one side alone, at 1 of 2 places"),
        (np.array([b"a", b"b"], object), np.array(["a", "b"], object), "exact"),
        (np.array([b"a", b"b"], object), np.array(["a", "c"], object), "1 of 2 strings differ"),
        (np.zeros((0, 3)), np.zeros((0, 3)), "exact"),
    ],
)
def test_closeness(reference: Array, candidate: Array, told: str) -> None:
    assert show(closeness(reference, candidate)) == told


def test_near_enough_is_on_the_limit_and_above() -> None:
    assert agrees(Closeness(sqnr_db=60.0), 60.0)
    assert not agrees(Closeness(sqnr_db=59.9), 60.0)
    assert agrees(Closeness(), 60.0)
    assert not agrees(Closeness(problem="its shape"), 0.0)


def test_the_worst_is_what_has_a_problem_then_the_lowest_number() -> None:
    exact, same, low, wrong = Closeness(exact=True), Closeness(), Closeness(sqnr_db=3.0), Closeness(problem="p")
    assert worst([exact, low, wrong, same]) == wrong
    assert worst([exact, low, same]) == low
    assert worst([exact, same]) == same
    assert worst([]) == exact
    assert decibel(low) == 3.0


def test_errors_are_counted_by_decades_of_the_largest_number() -> None:
    reference = np.array([100.0, 0.0, 50.0, np.nan, 10.0, 1.0])
    found = histogram(reference, np.array([100.0, 0.5, 51.0, np.nan, np.inf, 301.0]))
    assert found is not None
    assert found.exact == 2
    counts = dict(zip((*found.below, np.inf), found.counts, strict=True))
    assert {upper: count for upper, count in counts.items() if count} == {1e-2: 1, 1e-1: 1, np.inf: 2}
    assert histogram(reference, reference[:2]) is None
    assert histogram(np.array([b"a"], object), np.array(["b"], object)) is None
    zeros = histogram(np.zeros(3), np.full(3, 1e-5))
    assert zeros is not None
    assert sum(zeros.counts) == 3
