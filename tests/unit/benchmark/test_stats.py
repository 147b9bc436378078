"""Median, MAD, p90 and minimum: what they are, and which quantile is meant."""

from __future__ import annotations

import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfjsci.benchmark.benchmark import Statistics
from tfjsci.benchmark.stats import quantile, summarize

TIMES = st.lists(st.floats(0, 1e6), min_size=1, max_size=40)


def test_by_hand() -> None:
    assert summarize([5.0, 1.0, 2.0, 3.0, 100.0]) == Statistics(
        runs=5, median_ms=3.0, mad_ms=2.0, p90_ms=pytest.approx(62.0), min_ms=1.0
    )


def test_one_run_is_its_own_median() -> None:
    assert summarize([7.0]) == Statistics(runs=1, median_ms=7.0, mad_ms=0.0, p90_ms=7.0, min_ms=7.0)


def test_one_outlier_moves_neither_median_nor_p90_of_twenty() -> None:
    calm = [10.0] * 20
    assert summarize([*calm[:-1], 900.0]) == summarize(calm)


def test_two_outliers_of_twenty_do_move_p90() -> None:
    slow = summarize([*[10.0] * 17, 900.0, 900.0, 900.0])
    assert (slow.median_ms, slow.p90_ms) == (10.0, 900.0)
    assert summarize([*[10.0] * 18, 900.0, 900.0]).p90_ms == pytest.approx(99.0)


@given(TIMES)
def test_the_median_is_everyones_median(times: list[float]) -> None:
    assert summarize(times).median_ms == pytest.approx(statistics.median(times))


@given(TIMES, st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]))
def test_the_quantile_is_numpys_default(times: list[float], share: float) -> None:
    assert quantile(times, share) == pytest.approx(float(np.quantile(times, share)), abs=1e-9)


@given(TIMES)
def test_they_are_in_order(times: list[float]) -> None:
    found = summarize(times)
    assert found.min_ms <= found.median_ms <= found.p90_ms * (1 + 1e-12) <= max(times) * (1 + 1e-11)
    assert found == summarize(times[::-1])


@pytest.mark.parametrize("times", [[], [1.0, float("nan")], [1.0, float("inf")], [1.0, -0.1]])
def test_what_isnt_a_list_of_times_is_refused(times: list[float]) -> None:
    with pytest.raises(ValueError, match=r"no samples|isn't a time"):
        summarize(times)


def test_zero_is_a_time_since_clocks_tick_coarsely() -> None:
    assert summarize([0.0, 0.0]).median_ms == 0.0
