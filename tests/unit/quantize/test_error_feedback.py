"""Rounding with feedback: nothing gained where inputs don't hang together, much where they do."""

from __future__ import annotations

import numpy as np
import pytest

from tfjsci.quantize import error_feedback
from tfjsci.quantize.error_feedback import round_with_feedback

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(40, 12))
SCALE = np.ptp(ROWS, axis=0, keepdims=True) / 15
OFFSET = ROWS.min(axis=0, keepdims=True)


def correlated(samples: int) -> np.ndarray:
    """[samples, 40]: 5 things seen 8 times each, with some noise."""
    return np.repeat(RNG.normal(size=(samples, 5)), 8, axis=1) + 0.2 * RNG.normal(size=(samples, 40))


def feedback(hessian: np.ndarray) -> np.ndarray:
    return round_with_feedback(ROWS, hessian, scale=SCALE, offset=OFFSET, steps=15)


def nearest() -> np.ndarray:
    return np.clip(np.rint((ROWS - OFFSET) / SCALE), 0, 15)


def error(codes: np.ndarray, inputs: np.ndarray) -> float:
    return float(np.square(inputs @ (codes * SCALE + OFFSET - ROWS)).sum())


def test_inputs_that_hang_together_take_each_others_errors() -> None:
    inputs, others = correlated(500), correlated(500)
    codes = feedback(inputs.T @ inputs)
    assert codes.min() >= 0
    assert codes.max() <= 15
    assert error(codes, inputs) < error(nearest(), inputs) / 2.5  # 4 dB
    assert error(codes, others) < error(nearest(), others) / 2.5  # samples that it hasn't seen


def test_inputs_that_have_nothing_in_common_are_rounded_to_the_nearest() -> None:
    assert np.array_equal(feedback(np.diag(RNG.uniform(1, 9, 40))), nearest())


def test_what_nothing_is_multiplied_with_is_rounded_to_the_nearest() -> None:
    inputs = correlated(500)
    inputs[:, [3, 17]] = 0
    codes = feedback(inputs.T @ inputs)
    assert np.array_equal(codes[[3, 17]], nearest()[[3, 17]])
    assert np.array_equal(feedback(np.zeros((40, 40))), nearest())


def test_fewer_samples_than_inputs_are_enough_to_gain() -> None:
    inputs, others = correlated(20), correlated(500)
    codes = feedback(inputs.T @ inputs)
    assert error(codes, others) < error(nearest(), others)


def test_how_many_rows_go_together_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = correlated(500)
    wanted = feedback(inputs.T @ inputs)
    for block in (1, 7, 40):
        monkeypatch.setattr(error_feedback, "BLOCK", block)
        assert np.array_equal(feedback(inputs.T @ inputs), wanted)


def test_a_scale_for_each_value() -> None:
    inputs = correlated(500)
    spelled = round_with_feedback(
        ROWS,
        inputs.T @ inputs,
        scale=np.broadcast_to(SCALE, ROWS.shape).copy(),
        offset=np.broadcast_to(OFFSET, ROWS.shape).copy(),
        steps=15,
    )
    assert np.array_equal(spelled, feedback(inputs.T @ inputs))
