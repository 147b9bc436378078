"""The interval as a statistic: over thousands of simulated races it holds the truth as often as it says."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfjsci.benchmark.race import RatioInterval, ratio_interval

TRIALS = 2000
TRUTH = 0.92


def machine(rng: np.random.Generator, runs: int, *, drift: float, outliers: float) -> npt.NDArray[np.float64]:
    """Log-times of ``runs`` runs one after another: slow drift (AR(1)), 3 % noise, some runs 20 % slower."""
    steps = rng.normal(size=runs) * drift * math.sqrt(1 - 0.97**2)
    mood = np.empty(runs)
    level = rng.normal() * drift
    for i, step in enumerate(steps):
        mood[i] = level = 0.97 * level + step
    slow = (rng.random(runs) < outliers) * np.abs(rng.normal(size=runs)) * 0.2
    return mood + rng.normal(size=runs) * 0.03 + slow


def race(rng: np.random.Generator, pairs: int, *, drift: float, outliers: float) -> tuple[list[float], list[float]]:
    """a b, b a, a b … on one machine; b takes ``TRUTH`` times as long as a."""
    turns = np.exp(machine(rng, 2 * pairs, drift=drift, outliers=outliers)).reshape(pairs, 2)
    a_first = np.arange(pairs) % 2 == 0
    a = np.where(a_first, turns[:, 0], turns[:, 1])
    b = np.where(a_first, turns[:, 1], turns[:, 0])
    return (10 * a).tolist(), (10 * TRUTH * b).tolist()


def holds(found: RatioInterval) -> bool:
    return found.low <= TRUTH <= found.high


@pytest.mark.parametrize(
    ("pairs", "drift", "outliers"),
    [(8, 0.0, 0.0), (20, 0.0, 0.0), (20, 0.04, 0.0), (40, 0.04, 0.05), (80, 0.04, 0.05)],
)
def test_95_of_100_intervals_hold_the_truth(pairs: int, drift: float, outliers: float) -> None:
    rng = np.random.default_rng(20)
    held = sum(holds(ratio_interval(*race(rng, pairs, drift=drift, outliers=outliers))) for _ in range(TRIALS))
    assert 0.93 <= held / TRIALS <= 0.97


def test_all_of_a_and_then_all_of_b_would_hold_it_far_too_rarely() -> None:
    """Why runs take turns: the drift between the two halves is taken for a difference."""
    rng = np.random.default_rng(21)
    held = 0
    for _ in range(TRIALS):
        times = np.exp(machine(rng, 40, drift=0.04, outliers=0.0)) * 10
        held += holds(ratio_interval(times[:20].tolist(), (times[20:] * TRUTH).tolist()))
    assert held / TRIALS < 0.8


def test_more_runs_give_a_narrower_interval() -> None:
    def width(pairs: int) -> float:
        rng = np.random.default_rng(22)
        found = [ratio_interval(*race(rng, pairs, drift=0.02, outliers=0.0)) for _ in range(50)]
        return float(np.mean([math.log(r.high / r.low) for r in found]))

    assert width(80) < width(20) < width(8)
    assert width(80) == pytest.approx(width(20) / 2, rel=0.15)  # four times the runs, half the width


def test_the_ratio_is_of_b_over_a_and_turns_around() -> None:
    a, b = race(np.random.default_rng(23), 20, drift=0.0, outliers=0.0)
    forth, back = ratio_interval(a, b), ratio_interval(b, a)
    assert forth.ratio < 1 < back.ratio
    assert (back.ratio, back.low, back.high) == pytest.approx((1 / forth.ratio, 1 / forth.high, 1 / forth.low))


@given(st.floats(1e-3, 1e3))
def test_the_unit_doesnt_matter(unit: float) -> None:
    a, b = race(np.random.default_rng(24), 10, drift=0.0, outliers=0.0)
    one, other = ratio_interval(a, b), ratio_interval([ms * unit for ms in a], [ms * unit for ms in b])
    assert (other.ratio, other.low, other.high) == pytest.approx((one.ratio, one.low, one.high))


def test_a_steady_slowing_down_cancels_within_a_block() -> None:
    ramp = 1.01 ** np.arange(24)  # each run takes 1 % longer than the one before it, whichever it is
    turns = ramp.reshape(12, 2)
    a_first = np.arange(12) % 2 == 0
    a = np.where(a_first, turns[:, 0], turns[:, 1])
    b = np.where(a_first, turns[:, 1], turns[:, 0])
    found = ratio_interval(a.tolist(), b.tolist())
    assert found.ratio == pytest.approx(1.0)
    assert (found.low, found.high) == pytest.approx((1.0, 1.0))


def test_an_outlier_among_many_blocks_is_pulled_in_and_counted() -> None:
    a, b = race(np.random.default_rng(25), 40, drift=0.0, outliers=0.0)
    calm = ratio_interval(a, b)
    b[30] *= 20
    found = ratio_interval(a, b)
    assert (calm.clipped, found.clipped) == (0, 1)
    assert found.high < calm.high * 1.05


def test_an_early_outlier_isnt_pulled_in_since_nothing_is_known_yet() -> None:
    a, b = race(np.random.default_rng(25), 40, drift=0.0, outliers=0.0)
    b[2] *= 20
    assert ratio_interval(a, b).clipped == 0


def test_equal_times_have_an_interval_of_no_width() -> None:
    assert ratio_interval([2.0] * 30, [1.0] * 30) == RatioInterval(
        ratio=pytest.approx(0.5), low=pytest.approx(0.5), high=pytest.approx(0.5), blocks=15, clipped=0
    )


def test_an_odd_last_pair_is_left_out() -> None:
    a, b = race(np.random.default_rng(26), 11, drift=0.0, outliers=0.0)
    assert ratio_interval(a, b) == ratio_interval(a[:10], b[:10])


@pytest.mark.parametrize(
    ("a", "b", "reason"),
    [
        ([1.0] * 6, [1.0] * 8, "can't have taken turns"),
        ([1.0] * 5, [1.0] * 5, "5 pairs of runs are 2 blocks"),
        ([1.0] * 5 + [0.0], [1.0] * 6, "isn't a time"),
        ([1.0] * 6, [1.0] * 5 + [math.nan], "isn't a time"),
    ],
)
def test_what_is_no_race_is_refused(a: list[float], b: list[float], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        ratio_interval(a, b)
