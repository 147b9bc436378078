"""A run's result with everything that differs from machine to machine set to fixed values, for golden reports."""

from __future__ import annotations

from dataclasses import replace

from tfjsci.benchmark.benchmark import Benchmark
from tfjsci.benchmark.stats import summarize
from tfjsci.browser.protocol import BackendEnvironment, MemoryUse
from tfjsci.compare.comparison import Comparison, OutputComparison
from tfjsci.results.run_result import Machine, ModelResult, RunResult, StageDuration
from tfjsci.verify.verification import Verification

MACHINE = Machine(
    platform="Linux x86_64",
    cpu="a CPU",
    cores=2,
    memory_bytes=16_000_000_000,
    python="3.11",
    tensorflow="2.21.0",
    keras="3.15.1",
    numpy="2.4",
)
RENDERERS = {
    "webgl": "SwiftShader",
    "webgpu": "google swiftshader",
    "wasm": "wasm threaded-simd ×1",
    "cpu": "JavaScript",
}


def settled(run: RunResult, *, manifest: str) -> RunResult:
    """Times, machine and versions fixed; errors of 1e-7 to one number; what a quantisation costs to two digits."""
    return replace(
        run,
        manifest=manifest,
        started_at="2026-01-01T00:00:00+00:00",
        duration_seconds=60.0,
        machine=MACHINE,
        models=tuple(_model(model) for model in run.models),
    )


def _model(model: ModelResult) -> ModelResult:
    return replace(
        model,
        comparisons=tuple(_comparison(each) for each in model.comparisons),
        benchmarks=tuple(_benchmark(each) for each in model.benchmarks),
        judgements=tuple(
            replace(each, reason="(numbers of this run)", value=None) if each.backend else each
            for each in model.judgements
        ),
        durations=tuple(StageDuration(stage=each.stage, seconds=1.0) for each in model.durations),
        verification=_verification(model.verification),
    )


def _verification(verification: Verification | None) -> Verification | None:
    if verification is None or verification.status != "same":
        return verification
    return replace(verification, sqnr_db=130.0)


def _comparison(comparison: Comparison) -> Comparison:
    output = _converted if comparison.kind == "conversion" else _quantized
    return replace(
        comparison,
        outputs=tuple(output(each) for each in comparison.outputs),
        environment=_environment(comparison.environment),
    )


def _converted(output: OutputComparison) -> OutputComparison:
    kl = None if output.kl is None else 1e-14
    return replace(output, sqnr_db=130.0, max_abs=1e-7, max_relative=1e-7, rmse=1e-8, cosine=1.0, kl=kl)


def _quantized(output: OutputComparison) -> OutputComparison:
    assert output.sqnr_db is not None
    kl = None if output.kl is None else 1e-6
    return replace(
        output, sqnr_db=float(round(output.sqnr_db)), max_abs=0.01, max_relative=0.01, rmse=0.001, cosine=1.0, kl=kl
    )


def _benchmark(benchmark: Benchmark) -> Benchmark:
    timing = benchmark.timing
    memory = MemoryUse(tensors=10, bytes=1000)
    steady = tuple(2.0 for _ in timing.steady_ms)
    fixed = replace(
        timing,
        load_ms=20.0,
        first_inference_ms=100.0,
        warmup_ms=tuple(3.0 for _ in timing.warmup_ms),
        steady_ms=steady,
        memory_before=memory,
        memory_after=memory,
        environment=_environment(timing.environment),
    )
    return replace(benchmark, timing=fixed, steady=summarize(steady))


def _environment(environment: BackendEnvironment) -> BackendEnvironment:
    # The software renderer is part of the picture: without a GPU it is there, with one this golden doesn't hold.
    return replace(
        environment,
        browser="Chromium 156",
        renderer=RENDERERS[environment.backend],
        software=environment.backend in {"webgl", "webgpu"},
        cores=2,
        flags={},
    )
