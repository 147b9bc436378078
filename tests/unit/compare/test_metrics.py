"""The metrics as claims: what they are, what they don't change with, and in which direction they go."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tfjsci.compare import metrics
from tfjsci.compare.metrics import Difference, NonFinite, count_non_finite, difference, topk_agreement

Float32 = npt.NDArray[np.float32]
THOUSANDTHS = st.integers(-(10**9), 10**9).map(lambda n: n / 1000)
PAIRS = st.integers(1, 40).flatmap(
    lambda n: st.tuples(*[arrays.arrays(np.float64, n, elements=THOUSANDTHS).map(lambda v: v.astype(np.float32))] * 2)
)


def found(reference: Any, candidate: Any) -> Difference:
    result = difference([np.asarray(reference)], [np.asarray(candidate)])
    assert result is not None
    return result


def test_by_hand() -> None:
    reference, candidate = np.array([3.0, -4.0, 0.0, 0.0]), np.array([3.0, -4.0, 1.0, -2.0])
    assert found(reference, candidate) == Difference(
        exact=False,
        max_abs=2.0,
        max_relative=2 / 7,
        rmse=pytest.approx(math.sqrt(5 / 4)),
        sqnr_db=pytest.approx(10 * math.log10(25 / 5)),
        cosine=pytest.approx(25 / (5 * math.sqrt(30))),
    )


def test_equal_tensors_are_exact_and_have_no_noise() -> None:
    assert found([1.0, 2.0], [1.0, 2.0]) == Difference(
        exact=True, max_abs=0.0, max_relative=0.0, rmse=0.0, sqnr_db=None, cosine=pytest.approx(1.0)
    )


def test_the_smallest_change_isnt_exact() -> None:
    result = found(np.float32([1, 2]), np.nextafter(np.float32([1, 2]), np.float32(9)))
    assert not result.exact
    assert result.sqnr_db is not None
    assert result.sqnr_db > 130


def test_a_zero_reference_has_neither_signal_nor_direction() -> None:
    assert found([0.0, 0.0], [0.0, 3.0]) == Difference(
        exact=False, max_abs=3.0, max_relative=None, rmse=pytest.approx(3 / math.sqrt(2)), sqnr_db=None, cosine=None
    )
    both = found([0.0, 0.0], [0.0, 0.0])
    assert (both.exact, both.sqnr_db, both.cosine) == (True, None, None)


def test_a_dead_candidate_is_0_db_and_cosine_0() -> None:
    result = found([1.0, 2.0], [0.0, 0.0])
    assert (result.sqnr_db, result.cosine) == (pytest.approx(0.0), 0.0)


def test_a_constant_reference_has_no_range_but_all_else() -> None:
    result = found([2.0, 2.0], [2.0, 3.0])
    assert result.max_relative is None
    assert result.sqnr_db == pytest.approx(10 * math.log10(8))


def test_nothing_to_compare_is_none() -> None:
    assert difference([], []) is None
    assert difference([np.zeros((0, 3))], [np.zeros((0, 3))]) is None
    assert difference([np.array([np.nan])], [np.array([np.nan])]) is None


def test_places_that_arent_finite_are_left_out() -> None:
    assert found([1.0, np.nan, 2.0, np.inf], [1.5, np.nan, 2.0, np.inf]) == found([1.0, 2.0], [1.5, 2.0])


def test_several_arrays_are_one_set(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    reference = rng.normal(size=1000)
    candidate = reference + rng.normal(size=1000) / 100
    whole = found(reference, candidate)
    monkeypatch.setattr(metrics, "_BLOCK", 7)
    parts = difference(np.split(reference, [10, 900]), np.split(candidate, [10, 900]))
    assert parts is not None
    for name in ("max_abs", "max_relative"):
        assert getattr(parts, name) == getattr(whole, name)
    for name in ("rmse", "sqnr_db", "cosine"):
        assert getattr(parts, name) == pytest.approx(getattr(whole, name), rel=1e-12)


def test_the_mean_over_parts_would_be_something_else() -> None:
    """SQNR of all values isn't the mean of the SQNRs: a part without signal would count as much as the rest."""
    quiet, loud = (np.array([0.1]), np.array([0.2])), (np.array([10.0]), np.array([10.1]))
    together = difference([quiet[0], loud[0]], [quiet[1], loud[1]])
    assert together is not None
    assert together.sqnr_db == pytest.approx(10 * math.log10(100.01 / 0.02))


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match="shapes differ"):
        difference([np.zeros((2, 3))], [np.zeros((3, 2))])


@pytest.mark.parametrize("scale", [1e-320, 1e-160, 1e160, 8e307])
def test_neither_very_small_nor_very_large_values_break_it(scale: float) -> None:
    reference = np.array([1.0, -1.0, 0.5]) * scale
    candidate = np.array([1.0, -1.0, 0.75]) * scale
    result = found(reference, candidate)
    rel = 1e-3 if scale < 1e-300 else 1e-12  # subnormal: a few bits are left
    assert result.sqnr_db == pytest.approx(10 * math.log10(2.25 / 0.0625), rel=rel)
    assert result.cosine == pytest.approx(2.375 / math.sqrt(2.25 * 2.5625), rel=rel)
    assert result.max_relative == pytest.approx(0.125, rel=rel)
    assert result.rmse == pytest.approx(0.25 * scale / math.sqrt(3), rel=1e-2)


def test_the_widest_range_of_float64_is_a_range() -> None:
    result = found([1.7e308, -1.7e308], [1.7e308, -1.6e308])
    assert result.max_relative == pytest.approx(0.1 / 3.4)


def test_tiny_noise_under_a_huge_signal_is_seen() -> None:
    result = found([1e300, 0.0], [1e300, 1e-300])
    assert not result.exact
    assert result.sqnr_db == pytest.approx(12_000)


def test_bools_and_integers_are_numbers() -> None:
    flags = found(np.array([True, False, True, True]), np.array([True, True, True, True]))
    assert (flags.max_abs, flags.rmse, flags.sqnr_db) == (1.0, 0.5, pytest.approx(10 * math.log10(3)))
    ids = found(np.array([5, 2**53 + 1]), np.array([5, 2**31 - 1], np.int32))
    assert not ids.exact


def test_complex_values_are_two_numbers_each() -> None:
    assert found(np.array([1 + 2j, 3j]), np.array([1 + 2j, 1 + 3j])) == found([1.0, 2, 0, 3], [1.0, 2, 1, 3])


# Invariances, over many tensors.


@given(PAIRS, st.sampled_from([-3.0, 0.25, 7.0, 1e-12, 1e12]))
def test_sqnr_and_cosine_dont_depend_on_the_scale(pair: tuple[Float32, Float32], scale: float) -> None:
    reference, candidate = (values.astype(np.float64) for values in pair)
    one, other = found(reference, candidate), found(reference * scale, candidate * scale)
    # Scaling rounds: where hardly any noise is, the rounding is part of it.
    assume(one.exact or one.sqnr_db is None or one.sqnr_db < 200)
    assert other.exact == one.exact
    assert other.sqnr_db == (None if one.sqnr_db is None else pytest.approx(one.sqnr_db, abs=1e-4))
    assert other.cosine == (None if one.cosine is None else pytest.approx(one.cosine, abs=1e-9))


@given(PAIRS)
def test_max_abs_rmse_and_cosine_are_symmetric(pair: tuple[Float32, Float32]) -> None:
    one, other = found(*pair), found(*reversed(pair))
    assert (one.exact, one.max_abs) == (other.exact, other.max_abs)
    assert one.rmse == pytest.approx(other.rmse)
    if one.cosine is not None and other.cosine is not None:
        assert one.cosine == pytest.approx(other.cosine, abs=1e-12)


def test_sqnr_isnt_symmetric_since_only_the_reference_is_signal() -> None:
    assert found([1.0], [3.0]).sqnr_db == pytest.approx(10 * math.log10(1 / 4))
    assert found([3.0], [1.0]).sqnr_db == pytest.approx(10 * math.log10(9 / 4))


@given(PAIRS)
def test_bounds_and_exactness(pair: tuple[Float32, Float32]) -> None:
    result = found(*pair)
    assert result.exact == bool((pair[0] == pair[1]).all())
    assert 0 <= result.rmse <= result.max_abs * (1 + 1e-12)
    assert result.cosine is None or -1 <= result.cosine <= 1


@given(st.integers(0, 2**32 - 1), st.floats(1e-6, 0.1), st.floats(1.5, 100))
def test_worse_noise_is_a_lower_sqnr_by_20_db_a_decade(seed: int, noise: float, worse: float) -> None:
    rng = np.random.default_rng(seed)
    reference, error = rng.normal(size=50), rng.normal(size=50)
    little, much = found(reference, reference + noise * error), found(reference, reference + noise * worse * error)
    assert little.sqnr_db is not None
    assert much.sqnr_db is not None
    assert little.sqnr_db - much.sqnr_db == pytest.approx(20 * math.log10(worse), abs=1e-5)
    assert little.cosine is not None
    assert much.cosine is not None
    assert much.cosine < little.cosine + 1e-12


@given(PAIRS)
def test_the_order_of_values_doesnt_matter(pair: tuple[Float32, Float32]) -> None:
    one, other = found(*pair), found(pair[0][::-1], pair[1][::-1])
    assert (one.max_abs, one.max_relative) == (other.max_abs, other.max_relative)
    assert one.rmse == pytest.approx(other.rmse)


# NaN and infinities.


def test_nan_and_infinities_at_the_same_places_agree() -> None:
    values = np.float32([np.nan, np.inf, -np.inf, 1])
    assert count_non_finite([values], [values.copy()]) == NonFinite(nan=1, inf=2, mismatched=0)


@pytest.mark.parametrize(
    ("reference", "candidate", "expected"),
    [
        ([1.0, 2.0], [np.nan, 2.0], NonFinite(nan=1, inf=0, mismatched=1)),
        ([np.nan, 2.0], [1.0, 2.0], NonFinite(nan=0, inf=0, mismatched=1)),
        ([np.nan, 1.0], [1.0, np.nan], NonFinite(nan=1, inf=0, mismatched=2)),
        ([np.inf], [-np.inf], NonFinite(nan=0, inf=1, mismatched=1)),
        ([np.inf], [np.nan], NonFinite(nan=1, inf=0, mismatched=1)),
        ([1.0], [np.inf], NonFinite(nan=0, inf=1, mismatched=1)),
    ],
)
def test_elsewhere_they_dont(reference: Any, candidate: Any, expected: NonFinite) -> None:
    assert count_non_finite([np.float32(reference)], [np.float32(candidate)]) == expected


def test_whole_numbers_have_neither() -> None:
    assert count_non_finite([np.array([1])], [np.array([2])]) == NonFinite(nan=0, inf=0, mismatched=0)


# Top-k.

SCORES = np.array([[0.1, 0.7, 0.2, 0.0], [0.4, 0.3, 0.2, 0.1]])


def swapped(scores: npt.NDArray[np.float64], a: int, b: int) -> npt.NDArray[np.float64]:
    other = scores.copy()
    other[0, [a, b]] = other[0, [b, a]]
    return other


def test_equal_scores_agree_for_every_k() -> None:
    assert [topk_agreement(SCORES, SCORES, k=k) for k in (1, 2, 3)] == [2, 2, 2]


def test_swapping_the_best_two_changes_top_1_but_not_top_2() -> None:
    other = swapped(SCORES, 1, 2)
    assert [topk_agreement(SCORES, other, k=k) for k in (1, 2, 3)] == [1, 2, 2]


def test_swapping_second_and_third_changes_top_2_alone() -> None:
    other = swapped(SCORES, 2, 0)
    assert [topk_agreement(SCORES, other, k=k) for k in (1, 2, 3)] == [2, 1, 2]


def test_a_tie_in_the_reference_lets_either_class_be_right() -> None:
    reference = np.array([[0.5, 0.5, 0.0]])
    assert topk_agreement(reference, np.array([[0.4, 0.6, 0.0]]), k=1) == 1
    assert topk_agreement(reference, np.array([[0.6, 0.4, 0.0]]), k=1) == 1
    assert topk_agreement(reference, np.array([[0.0, 0.4, 0.6]]), k=1) == 0


def test_a_candidate_that_ranks_all_alike_has_found_nothing() -> None:
    assert topk_agreement(np.array([[0.1, 0.7, 0.2]]), np.full((1, 3), 1 / 3), k=1) == 0
    assert topk_agreement(np.array([[0.7, 0.1, 0.2]]), np.full((1, 3), 1 / 3), k=1) == 1  # arg-max gives the first


def test_every_position_of_the_other_axes_counts() -> None:
    maps = np.random.default_rng(0).random((2, 3, 4, 5))
    other = maps.copy()
    other[1, 2, 3] = -other[1, 2, 3]
    assert topk_agreement(maps, maps, k=1) == 24
    assert topk_agreement(maps, other, k=1) == 23


def test_nan_is_the_worst_class() -> None:
    reference = np.array([[np.nan, 0.2, 0.1]])
    assert topk_agreement(reference, reference, k=1) == 1
    assert topk_agreement(reference, np.array([[np.nan, 0.1, 0.2]]), k=1) == 0
