"""When an output before rewriting and after it count as the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfjsci.verify.agreement import SAME_DB, SAME_ERROR, TIES, Agreement, agreement


def drawn(*shape: int, seed: int = 0) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def noise(decibel: float, of: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """``of`` with an error at this SQNR."""
    error = np.random.default_rng(1).normal(size=of.shape)
    return np.asarray(of + error * np.sqrt(np.mean(of**2) / np.mean(error**2)) * 10 ** (-decibel / 20), np.float32)


def test_the_same_numbers_have_no_sqnr() -> None:
    assert agreement("y", drawn(3, 4), drawn(3, 4)) == Agreement(output="y", sqnr_db=None, error=0.0)


@pytest.mark.parametrize(("coarsest", "limit"), SAME_DB.items())
def test_the_limit_is_that_of_the_coarsest_float(coarsest: str, limit: float) -> None:
    x = drawn(100, 100)
    within, beyond = (agreement("y", x, noise(limit + off, x), coarsest=coarsest) for off in (1, -1))
    assert within.why is None
    assert within.sqnr_db == pytest.approx(limit + 1, abs=0.1)
    assert beyond.why is not None
    assert beyond.why.startswith(f"its SQNR is {limit - 1:.1f} dB")
    assert beyond.error == pytest.approx(10 ** (-(limit - 1) / 20), rel=0.01)


@given(st.integers(0, 1000), st.sampled_from([1e-30, 1e-3, 1.0, 1e5, 1e30]))
def test_the_last_bit_is_never_taken_for_a_difference(seed: int, scale: float) -> None:
    x = drawn(50, seed=seed) * np.float32(scale)
    up, down = np.nextafter(x, np.float32(np.inf)), np.nextafter(x, np.float32(-np.inf))
    assert agreement("y", x, np.where(drawn(50, seed=seed + 1) > 0, up, down)).why is None


def test_a_small_number_beside_a_large_one_may_be_off_by_the_large_ones_steps() -> None:
    before, after = np.float32([1e-7, 1.0]), np.float32([2e-7, 1.0])
    assert agreement("y", before, after).why is None
    assert agreement("y", before[:1], after[:1]).why is not None


def test_one_number_in_ten_thousand_that_is_wrong_shows() -> None:
    x = drawn(100, 100)
    wrong = x.copy()
    wrong[50, 50] += 1
    found = agreement("y", x, wrong)
    assert found.why is not None
    assert 30 < (found.sqnr_db or 0) < 50


def test_where_all_was_zero_there_is_no_sqnr() -> None:
    zero = np.zeros(4, np.float32)
    assert agreement("y", zero, zero + np.float32(SAME_ERROR / 2)).why is None
    found = agreement("y", zero, zero + np.float32(1e-3))
    assert (found.why, found.sqnr_db) == ("it was all zero and is up to 0.001", None)


def test_nothing_at_all_is_the_same() -> None:
    for dtype in ("float32", "int32", "bool"):
        assert agreement("y", np.zeros((0, 3), dtype), np.zeros((0, 3), dtype)).why is None


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_must_stay_so(value: float) -> None:
    x = drawn(4)
    odd = x.copy()
    odd[1] = value
    assert agreement("y", odd, odd).why is None
    for before, after in ((x, odd), (odd, x)):
        found = agreement("y", before, after)
        assert (found.why, found.error) == ("NaN or infinite before or after alone, at 1 of 4 places", None)


def test_a_narrow_float_may_have_been_infinite_where_a_wide_one_is_not_and_never_the_other_way() -> None:
    before, after = np.array([np.inf, 1.0, 2.0], np.float16), np.float32([70000.0, 1.0, 2.0])
    assert agreement("y", before, after, coarsest="float16").why is None
    assert agreement("y", before[1:], np.float32([np.nan, 2.0]), coarsest="float16").why is not None


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("float32", "float32", True),
        ("float64", "float32", True),
        ("complex128", "complex64", True),
        ("int16", "int32", True),
        ("uint64", "int32", True),
        ("float32", "float64", False),
        ("int32", "float32", False),
        ("int64", "int32", False),
        ("bool", "int32", False),
    ],
)
def test_dtypes_that_rewriting_carries_in_others(before: str, after: str, same: bool) -> None:
    found = agreement("y", np.ones(3, before), np.ones(3, after))
    assert found.why == (None if same else f"its dtype was {before} and is {after}")


def test_another_shape() -> None:
    found = agreement("y", drawn(2, 3), drawn(3, 2))
    assert (found.why, found.error) == ("its shape was [2, 3] and is [3, 2]", None)


def test_complex_numbers_are_two_each() -> None:
    x = drawn(50) + 1j * drawn(50, seed=1)
    assert agreement("y", x, x * np.complex64(1 + 1e-7)).why is None
    assert agreement("y", x, np.conj(x)).why is not None


@pytest.mark.parametrize("dtype", ["int32", "bool", "uint8"])
def test_whole_numbers_are_exact_unless_a_tie_may_decide(dtype: str) -> None:
    before = (np.arange(1000) % 2).astype(dtype)
    ties, more = before.copy(), before.copy()
    ties[: int(1000 * TIES)] = 1 - (np.arange(int(1000 * TIES)) % 2)
    more[:11] = 1 - (np.arange(11) % 2)
    assert agreement("y", before, ties).why == "10 of 1000 elements differ"
    assert agreement("y", before, ties, ties=True).why is None
    assert agreement("y", before, more, ties=True).why == "11 of 1000 elements differ"


def test_texts_are_exact() -> None:
    before, after = (np.array([b"a", word], object) for word in (b"b", b"c"))
    assert agreement("y", before, before.copy()).why is None
    assert agreement("y", before, after).why == "1 of 2 elements differ"
