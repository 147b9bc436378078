"""One variant on one backend, timed in the browser that is handed in; the page times, Python does the arithmetic."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tfjsci.benchmark.benchmark import Benchmark
from tfjsci.benchmark.stats import summarize
from tfjsci.browser.protocol import CustomScript, Session, Timing
from tfjsci.dtypes import Backend
from tfjsci.errors import BrowserJobFailed
from tfjsci.manifest.resolved import BenchmarkSpec


def measure(
    session: Session,
    *,
    artifact_folder: Path,
    variant: str,
    backend: Backend,
    inputs: Mapping[str, npt.NDArray[np.generic]],
    plan: BenchmarkSpec,
    deadline_seconds: float,
    scripts: Sequence[CustomScript] = (),
) -> Benchmark:
    """Time the artifact in ``artifact_folder`` on ``backend`` with one call's ``inputs`` (arrays by signature name).

    ``plan``: its warm-up runs are recorded and not counted, its steady runs make the statistics.

    Raises what ``Session.time`` raises, and ``BrowserJobFailed`` if the times that come back aren't what was asked for.
    """
    timing = session.time(
        artifact_folder,
        backend,
        inputs,
        warmup=plan.warmup,
        runs=plan.runs,
        deadline_seconds=deadline_seconds,
        scripts=scripts,
    )
    _require_what_was_planned(timing, plan)
    return Benchmark(
        variant=variant,
        timing=timing,
        steady=summarize(timing.steady_ms),
        leaked_tensors=timing.memory_after.tensors - timing.memory_before.tensors,
    )


def _require_what_was_planned(timing: Timing, plan: BenchmarkSpec) -> None:
    have, want = (len(timing.warmup_ms), len(timing.steady_ms)), (plan.warmup, plan.runs)
    if have != want:
        raise BrowserJobFailed(
            f"the page ran {have[0]} warm-up and {have[1]} steady runs, {want[0]} and {want[1]} were asked for",
            hint="Run again with --verbose and look at the browser's log.",
        )
    times = (timing.load_ms, timing.first_inference_ms, *timing.warmup_ms, *timing.steady_ms)
    odd = next((ms for ms in times if not (math.isfinite(ms) and ms >= 0)), None)
    if odd is not None:
        raise BrowserJobFailed(
            f"the page measured {odd} ms, which isn't a time",
            hint="Its clock was changed while it ran, or it isn't monotonic: run again.",
        )
