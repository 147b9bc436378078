"""PSNR, mismatches, divergence and intervals: by hand, and where they make no sense there are none."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tfjsci.compare.compare import Measures, compare_outputs
from tfjsci.compare.comparison import OutputComparison
from tfjsci.compare.metrics import mismatch_ratio
from tfjsci.compare.probability import are_probabilities, divergence
from tfjsci.compare.wilson import samples_to_prove, wilson_interval


def one(reference: Any, candidate: Any, **measures: Any) -> OutputComparison:
    (found,) = compare_outputs([{"y": reference}], [{"y": candidate}], topk=False, measures=Measures(**measures))
    return found


def softmax(logits: Any) -> Any:
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return (raised / raised.sum(axis=-1, keepdims=True)).astype(np.float32)


def test_psnr_is_range_over_rmse() -> None:
    found = one(np.float32([0, 4, 8, 10]), np.float32([1, 4, 8, 10]))
    assert found.psnr_db == pytest.approx(20 * math.log10(10 / 0.5))
    assert one(np.float32([3, 3]), np.float32([3, 4])).psnr_db is None, "a constant has no range"
    assert one(np.float32([1, 2]), np.float32([1, 2])).psnr_db is None


def test_psnr_of_numbers_whose_range_is_no_float() -> None:
    big = np.float32([3e38, -3e38])
    assert one(big, big * np.float32(0.5)).psnr_db == pytest.approx(20 * math.log10(2 / 0.5))


def test_mismatches_are_beyond_both_tolerances_on_the_edge_is_none() -> None:
    reference, candidate = np.float64([100.0, 0.0, 1.0, -100.0]), np.float64([101.0, 0.5, 1.75, -101.25])
    assert mismatch_ratio([reference], [candidate], atol=0.5, rtol=0.005) == 0.5
    assert mismatch_ratio([reference], [candidate], atol=0.75, rtol=0.005) == 0.0
    assert mismatch_ratio([np.float32([])], [np.float32([])], atol=0, rtol=0) == 0.0


def test_the_tolerance_for_values_near_0_has_the_outputs_scale() -> None:
    reference = np.float32([1000, -1000, 0, 0])
    candidate = reference + np.float32([0, 0, 0.5, 0.8])
    found = one(reference, candidate)
    assert (found.mismatch, found.rtol) == (0.25, 1e-3)
    assert found.atol == pytest.approx(1e-3 * 1000 / math.sqrt(2), rel=1e-6)
    small = one(reference / 1e6, candidate / 1e6)
    assert (small.mismatch, small.atol) == (0.25, pytest.approx(found.atol / 1e6, rel=1e-5))
    assert one(reference, candidate, atol=0.0).mismatch == 0.5
    assert one(reference, candidate, atol=0.9).mismatch == 0.0


def test_divergence_by_hand_and_never_below_0() -> None:
    p, q = np.float32([[0.5, 0.5], [1.0, 0.0]]), np.float32([[0.25, 0.75], [0.5, 0.5]])
    by_hand = (0.5 * math.log(2) + 0.5 * math.log(2 / 3) + math.log(2)) / 2
    assert one(p, q).kl == pytest.approx(by_hand)
    assert one(p, p.copy()).kl == 0.0
    rng = np.random.default_rng(0)
    many = softmax(rng.normal(size=(500, 30)))
    assert 0.0 <= divergence([many], [many * np.float32(1 + 1e-7)]) < 1e-9


def test_a_probability_of_0_is_finite_and_dear() -> None:
    found = one(np.float32([[0.5, 0.5]]), np.float32([[1.0, 0.0]])).kl
    assert found is not None
    assert 30 < found < 50


def test_calls_weigh_by_their_rows() -> None:
    rng = np.random.default_rng(1)
    p, q = softmax(rng.normal(size=(40, 6))), softmax(rng.normal(size=(40, 6)))
    assert divergence([p[:32], p[32:]], [q[:32], q[32:]]) == pytest.approx(divergence([p], [q]))


@pytest.mark.parametrize(
    ("values", "are"),
    [
        (softmax(np.float32([[1, 2, 3], [0, 0, 0]])), True),
        (softmax(np.zeros((2, 3, 4), np.float32)), True),
        (softmax(np.zeros((2, 1000), np.float32)).astype(np.float16), True),
        (np.float32([[0.5, 0.502]]), False),
        (np.float32([[1.5, -0.5]]), False),
        (np.float32([[1.0], [1.0]]), False),  # one column is no distribution
        (np.float32([0.5, 0.5]), False),  # nor is what has no rows
        (np.int32([[1, 0]]), False),
        (np.zeros((0, 3), np.float32), False),
    ],
)
def test_only_rows_of_probabilities_have_a_divergence(values: Any, are: bool) -> None:
    assert are_probabilities([values]) is are
    if values.dtype != np.float16:
        assert (one(values, values.copy()).kl is not None) is are


def test_wilsons_interval() -> None:
    assert wilson_interval(0.95, 20) == (pytest.approx(0.7639, abs=1e-4), pytest.approx(0.9911, abs=1e-4))
    assert wilson_interval(1.0, 20) == (pytest.approx(0.8389, abs=1e-4), 1.0)
    assert wilson_interval(0.5, 0) == (0.0, 1.0)
    enough = samples_to_prove(0.99)
    assert enough == 381
    assert wilson_interval(1.0, enough)[0] >= 0.99 > wilson_interval(1.0, enough - 1)[0]
    assert samples_to_prove(1.0) is None


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    for truth, samples in ((0.9, 50), (0.99, 200), (0.5, 20)):
        seen = rng.binomial(samples, truth, size=4000) / samples
        holds = np.mean([low <= truth <= high for low, high in (wilson_interval(share, samples) for share in seen)])
        assert 0.92 <= holds <= 0.99
