"""Faster, slower, unclear: the words for an interval, and the reasons for having none."""

from __future__ import annotations

import random

import pytest

from tfjsci.baseline.change import TimeChange, identical, incomparable, time_change, why_not_raced
from tfjsci.browser.protocol import BackendEnvironment
from tfjsci.signature import TensorSpec

WASM = BackendEnvironment(
    backend="wasm", browser="Chromium 1", tfjs="4.22.0", renderer="wasm", software=False, cores=2, flags={}
)


def change(base_ms: list[float], head_ms: list[float]) -> TimeChange:
    return time_change(variant="float", backend="wasm", base_ms=base_ms, head_ms=head_ms, environment=WASM)


def raced(ratio: float, *, seed: int, runs: int = 20) -> TimeChange:
    """A noisy machine, 10 % from run to run."""
    noise = random.Random(seed)
    base = [10 * noise.lognormvariate(0, 0.1) for _ in range(runs)]
    return change(base, [10 * ratio * noise.lognormvariate(0, 0.1) for _ in range(runs)])


def test_a_clear_change_has_its_word_its_interval_and_its_samples() -> None:
    slower = raced(1.5, seed=1)
    assert slower.verdict == "slower"
    assert slower.low is not None
    assert slower.ratio is not None
    assert slower.high is not None
    assert 1 < slower.low < slower.ratio < slower.high
    assert slower.reason is None
    assert (len(slower.base_ms), len(slower.head_ms), slower.environment) == (20, 20, WASM)
    faster = raced(1 / 1.5, seed=1)
    assert faster.verdict == "faster"
    assert faster.high is not None
    assert faster.high < 1


def test_an_interval_that_holds_no_change_is_unclear() -> None:
    unclear = raced(1.01, seed=3)
    assert unclear.verdict == "unclear"
    assert unclear.low is not None
    assert unclear.high is not None
    assert unclear.low <= 1 <= unclear.high


def test_an_interval_that_only_touches_no_change_is_unclear_too() -> None:
    same = change([5.0] * 8, [5.0] * 8)
    assert (same.verdict, same.low, same.high) == ("unclear", 1.0, 1.0)


def test_where_nothing_changed_five_of_a_hundred_races_say_otherwise() -> None:
    words = [raced(1.0, seed=seed).verdict for seed in range(1000)]
    assert 0.03 < 1 - words.count("unclear") / 1000 < 0.07
    # and the near miss: a third slower is all but always seen
    assert [raced(1.33, seed=seed).verdict for seed in range(100)].count("slower") > 97


@pytest.mark.parametrize(
    ("base", "head", "reason"),
    [
        ([1.0] * 5, [1.0] * 5, "at least 3 are needed"),
        ([1.0] * 6, [1.0] * 5 + [0.0], "0.0 ms isn't a time"),
        ([1.0] * 6, [1.0] * 7, "can't have taken turns"),
    ],
)
def test_samples_without_an_interval_are_incomparable_and_kept(
    base: list[float], head: list[float], reason: str
) -> None:
    found = change(base, head)
    assert found.verdict == "incomparable"
    assert reason in (found.reason or "")
    assert (found.ratio, found.low, found.high) == (None, None, None)
    assert (found.base_ms, found.head_ms) == (tuple(base), tuple(head))


def test_six_runs_are_enough() -> None:
    assert change([1.0] * 6, [2.0] * 6).verdict == "slower"


def test_what_was_not_timed_says_why() -> None:
    assert identical("float", "wasm").reason == "the artifacts are the same bytes"
    assert incomparable("float", "wasm", "a reason") == TimeChange(
        variant="float", backend="wasm", verdict="incomparable", reason="a reason"
    )


def spec(name: str = "x", dtype: str = "float32", shape: tuple[int | None, ...] | None = (None, 4)) -> TensorSpec:
    return TensorSpec(name=name, tensor=f"{name}:0", dtype=dtype, shape=shape)


@pytest.mark.parametrize(
    ("base", "head", "runs", "reason"),
    [
        ([spec()], [spec()], 5, "benchmark.runs is 5, and an interval needs at least 6"),
        ([spec("x"), spec("y")], [spec("x")], 6, "the base has the input y, and this one doesn't"),
        ([spec("x")], [spec("x"), spec("y")], 6, "the input y is new"),
        ([spec()], [spec(shape=(None, 5))], 6, "the input x is float32 [?, 5], and was float32 [?, 4]"),
        ([spec()], [spec(dtype="int32")], 6, "the input x is int32 [?, 4], and was float32 [?, 4]"),
        ([spec(shape=None)], [spec(shape=())], 6, "the input x is float32 [], and was float32 of any shape"),
    ],
)
def test_why_two_artifacts_are_not_raced(
    base: list[TensorSpec], head: list[TensorSpec], runs: int, reason: str
) -> None:
    assert why_not_raced(base=base, head=head, runs=runs) == reason


def test_the_same_inputs_in_another_order_and_of_other_tensors_are_raced() -> None:
    other = TensorSpec(name="x", tensor="serving_x:0", dtype="float32", shape=(None, 4))
    assert why_not_raced(base=[spec("x"), spec("y")], head=[spec("y"), other], runs=6) is None
