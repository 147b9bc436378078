"""Timing with a session that is handed in: what is asked of it, and what is made of its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfjsci.benchmark.benchmark import Benchmark, Statistics
from tfjsci.benchmark.measure import measure
from tfjsci.browser.protocol import (
    BackendEnvironment,
    BackendProbe,
    CustomScript,
    MemoryUse,
    Prediction,
    Session,
    Timing,
)
from tfjsci.dtypes import Backend
from tfjsci.errors import BrowserJobFailed
from tfjsci.manifest.resolved import BenchmarkSpec

ENVIRONMENT = BackendEnvironment(
    backend="wasm",
    browser="Chromium 1",
    tfjs="4.22.0",
    renderer="wasm threaded-simd ×2",
    software=False,
    cores=2,
    flags={},
)
TIMING = Timing(
    load_ms=50.0,
    first_inference_ms=80.0,
    warmup_ms=(9.0, 8.0),
    steady_ms=(5.0, 7.0, 6.0),
    memory_before=MemoryUse(tensors=30, bytes=4000),
    memory_after=MemoryUse(tensors=30, bytes=4000),
    environment=ENVIRONMENT,
)
INPUTS: Mapping[str, Any] = {"x": np.float32([[1.0]])}
PLAN = BenchmarkSpec(warmup=2, runs=3)
SCRIPTS = (CustomScript(path=Path("js/my.js"), name="js/my.js", ops=("My",)),)


@dataclass
class FakeSession:
    """Answers with one timing and remembers what it was asked."""

    timing: Timing
    asked: list[Any] = field(default_factory=list)

    def time(
        self,
        model: Path,
        backend: Backend,
        inputs: Mapping[str, Any],
        *,
        warmup: int,
        runs: int,
        deadline_seconds: float,
        scripts: Sequence[CustomScript] = (),
    ) -> Timing:
        self.asked.append((model, backend, inputs, warmup, runs, deadline_seconds, scripts))
        return self.timing

    def probe(self, backend: Backend) -> BackendProbe:
        raise NotImplementedError

    def describe_release(self) -> dict[str, Any]:
        raise NotImplementedError

    def predict(
        self,
        model: Path,
        backend: Backend,
        inputs: Sequence[Mapping[str, Any]],
        *,
        deadline_seconds: float,
        scripts: Sequence[CustomScript] = (),
    ) -> list[Prediction]:
        raise NotImplementedError

    def race(
        self,
        models: Sequence[Path],
        backend: Backend,
        inputs: Mapping[str, Any],
        *,
        warmup: int,
        runs: int,
        deadline_seconds: float,
        scripts: Sequence[CustomScript] = (),
    ) -> list[Timing]:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


def measured(session: Session, plan: BenchmarkSpec = PLAN) -> Benchmark:
    return measure(
        session,
        artifact_folder=Path("models/digits/float"),
        variant="float",
        backend="wasm",
        inputs=INPUTS,
        plan=plan,
        deadline_seconds=60.0,
        scripts=SCRIPTS,
    )


def test_the_steady_runs_alone_make_the_statistics() -> None:
    session = FakeSession(TIMING)
    assert measured(session) == Benchmark(
        variant="float",
        timing=TIMING,
        steady=Statistics(runs=3, median_ms=6.0, mad_ms=1.0, p90_ms=pytest.approx(6.8), min_ms=5.0),
        leaked_tensors=0,
    )
    assert session.asked == [(Path("models/digits/float"), "wasm", INPUTS, 2, 3, 60.0, SCRIPTS)]


def test_tensors_more_after_than_before_are_a_leak() -> None:
    leaking = replace(TIMING, memory_after=MemoryUse(tensors=36, bytes=4100))
    assert measured(FakeSession(leaking)).leaked_tensors == 6


def test_no_warm_up_is_a_plan() -> None:
    cold = replace(TIMING, warmup_ms=())
    assert measured(FakeSession(cold), BenchmarkSpec(warmup=0, runs=3)).steady.runs == 3


@pytest.mark.parametrize("timing", [replace(TIMING, steady_ms=(5.0,)), replace(TIMING, warmup_ms=())])
def test_fewer_runs_than_planned_are_a_failed_job(timing: Timing) -> None:
    with pytest.raises(BrowserJobFailed, match="2 and 3 were asked for"):
        measured(FakeSession(timing))


@pytest.mark.parametrize(
    "timing",
    [
        replace(TIMING, steady_ms=(5.0, -1.0, 6.0)),
        replace(TIMING, warmup_ms=(9.0, float("nan"))),
        replace(TIMING, load_ms=float("inf")),
    ],
)
def test_times_that_cant_be_are_a_failed_job(timing: Timing) -> None:
    with pytest.raises(BrowserJobFailed, match="isn't a time"):
        measured(FakeSession(timing))


def test_a_failing_job_goes_through() -> None:
    class Broken(FakeSession):
        def time(self, *args: Any, **kwargs: Any) -> Timing:
            raise BrowserJobFailed("the page died")

    with pytest.raises(BrowserJobFailed, match="the page died"):
        measured(Broken(TIMING))
