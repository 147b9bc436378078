"""Sizes, times and leaks held to the manifest's budget."""

from __future__ import annotations

from collections.abc import Iterator

from tfjsci.artifact.artifact import Artifact
from tfjsci.benchmark.benchmark import Benchmark
from tfjsci.browser.protocol import BackendEnvironment
from tfjsci.dtypes import GPU_BACKENDS, Level
from tfjsci.manifest.resolved import ModelSpec
from tfjsci.metrics import limit_text
from tfjsci.units import show_bytes, show_ms
from tfjsci.verdict.judgement import Judgement, apart, miss

_SIZES = {
    "download_bytes": ("the download", "raw_bytes"),
    "gzip_bytes": ("the download as gzip", "gzip_bytes"),
    "brotli_bytes": ("the download as brotli", "brotli_bytes"),
}


def judge_sizes(spec: ModelSpec, artifact: Artifact) -> Iterator[Judgement]:
    """One variant's download held to its budgets in bytes."""
    for gate, (title, field) in _SIZES.items():
        limit = getattr(spec.budget, gate).limit(artifact.variant)
        level = spec.level_of(gate)
        if limit is None or level == "off":
            continue
        value = getattr(artifact.download, field)
        shown = apart(value, limit.value, show_bytes, "B")
        yield Judgement(
            gate=gate, key=limit.key, level=level, outcome=miss(value > limit.value, level),
            reason=f"{title} of {artifact.variant} is {shown}, the budget is {limit_text(show_bytes(limit.value))}",
            variant=artifact.variant, value=value, limit=limit.value, unit="B",
        )  # fmt: skip


def judge_times(spec: ModelSpec, benchmark: Benchmark) -> Iterator[Judgement]:
    """One variant's times on one backend held to its budgets; a software renderer's are warned of at most."""
    environment = benchmark.timing.environment
    times = {
        "load_ms": ("loading", benchmark.timing.load_ms, ""),
        "first_inference_ms": ("the first inference", benchmark.timing.first_inference_ms, ""),
        "steady_ms": ("steady inference", benchmark.steady.median_ms, f" (median of {benchmark.steady.runs})"),
    }
    for gate, (title, value, how) in times.items():
        limit = getattr(spec.budget, gate).limit(environment.backend)
        level = spec.level_of(gate)
        if limit is None or level == "off":
            continue
        missed = value > limit.value
        reason = (
            f"{title} of {benchmark.variant} on {_place(environment)} took "
            f"{apart(value, limit.value, show_ms, 'ms')}{how}, the budget is {limit_text(show_ms(limit.value))}"
        )
        if missed and environment.software and environment.backend in GPU_BACKENDS and not spec.gate_software:
            if level == "error":
                reason += "; only a warning without a GPU, unless gate_software: true"
            level = "warn"
        yield Judgement(
            gate=gate, key=limit.key, level=level, outcome=miss(missed, level), reason=reason,
            variant=benchmark.variant, backend=environment.backend, value=value, limit=limit.value, unit="ms",
        )  # fmt: skip


def judge_leak(spec: ModelSpec, benchmark: Benchmark) -> Iterator[Judgement]:
    """Whether one variant left tensors behind on one backend."""
    # Warned of unless the manifest says more: the runtime itself leaks two tensors a run with control flow.
    default: Level = "off" if spec.level_of("leak") == "off" else "warn"
    level = spec.level.get("leak", default)
    if level == "off":
        return
    environment, leaked, runs = benchmark.timing.environment, benchmark.leaked_tensors, benchmark.steady.runs
    where = f"{benchmark.variant} on {environment.backend}"
    yield Judgement(
        gate="leak", key="level.leak" if "leak" in spec.level else "level.leak (default)", level=level,
        outcome=miss(leaked > 0, level),
        reason=f"{where} leaked {leaked} tensors in {runs} runs" if leaked > 0 else f"{where} leaked no tensors",
        variant=benchmark.variant, backend=environment.backend, value=leaked, limit=0, unit="tensors",
    )  # fmt: skip


def _place(environment: BackendEnvironment) -> str:
    return f"{environment.backend} (software renderer)" if environment.software else environment.backend
