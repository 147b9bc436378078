from __future__ import annotations

import math

import pytest

from tfjsci.search.noise import interpolated, spread


@pytest.mark.parametrize(
    ("count", "among", "places"),
    [(1, 5, (2,)), (2, 5, (0, 4)), (3, 5, (0, 2, 4)), (5, 5, (0, 1, 2, 3, 4)), (9, 2, (0, 1)), (1, 1, (0,))],
)
def test_places_are_spread_evenly(count: int, among: int, places: tuple[int, ...]) -> None:
    assert spread(count, among) == places


def test_one_measurement_gives_all_in_proportion() -> None:
    assert interpolated([1.0, 4.0, 16.0], {1: 0.4}) == pytest.approx([0.1, 0.4, 1.6])


def test_what_was_measured_stays_and_the_ratio_changes_slowly_between() -> None:
    """Noise over error is 0.1 at 1 and 0.4 at 16: at 4, half way in logarithms, it is 0.2."""
    assert interpolated([1.0, 4.0, 16.0], {0: 0.1, 2: 6.4}) == pytest.approx([0.1, 0.8, 6.4])


def test_beyond_what_was_measured_the_ratio_stays() -> None:
    assert interpolated([1.0, 4.0, 16.0, 64.0], {1: 0.8, 2: 6.4}) == pytest.approx([0.2, 0.8, 6.4, 25.6])


def test_what_is_exact_makes_no_noise_and_what_no_output_needs_neither() -> None:
    assert interpolated([0.0, 1.0, 4.0], {1: 0.1}) == pytest.approx([0.0, 0.1, 0.4])
    assert interpolated([0.0, 1.0, 4.0], {1: 0.0}) == [0.0, 0.0, 0.0]


def test_what_broke_an_output_says_nothing_of_its_neighbours() -> None:
    assert interpolated([1.0, 4.0, 16.0], {0: 0.1, 2: math.inf}) == pytest.approx([0.1, 0.4, math.inf])


def test_nothing_measured_is_an_error() -> None:
    with pytest.raises(ValueError, match="no option"):
        interpolated([1.0], {})
