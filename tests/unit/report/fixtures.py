"""Runs as they could have happened: facts by hand, judgements by the real ``judge``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from tfjsci.artifact.artifact import Artifact, Download, FileSize, TensorSpec, WeightSummary
from tfjsci.benchmark.benchmark import Benchmark, Statistics
from tfjsci.browser.protocol import BackendEnvironment, MemoryUse, Timing
from tfjsci.catalog.check import LoweredOp, OpCheck, UnsupportedOp
from tfjsci.compare.comparison import Comparison, OutputComparison
from tfjsci.dtypes import Backend
from tfjsci.inputs.summary import Basis, InputSummary
from tfjsci.manifest.resolved import (
    BenchmarkSpec,
    Budget,
    CompareSpec,
    Limit,
    Limits,
    ModelSpec,
    QuantizeSpec,
    RandomSpec,
    Thresholds,
)
from tfjsci.results.run_result import Failure, Machine, ModelResult, RunResult, StageDuration
from tfjsci.verdict import exit_code_of, judge, outcome_of, worst
from tfjsci.verify.verification import Verification

MACHINE = Machine(
    platform="Linux-6.8.0-x86_64 (Debian 12)",
    cpu="AMD EPYC 7763 64-Core Processor",
    cores=4,
    memory_bytes=16_766_984_192,
    python="3.11.7",
    tensorflow="2.21.0",
    keras="3.12.0",
    numpy="2.2.6",
)
ENVIRONMENTS: dict[Backend, BackendEnvironment] = {
    "webgl": BackendEnvironment(
        backend="webgl",
        browser="Chromium 156.0.8078.79",
        tfjs="4.22.0",
        renderer="ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)",
        software=True,
        cores=4,
        flags={"WEBGL_RENDER_FLOAT32_ENABLED": "true", "WEBGL_VERSION": "2"},
    ),
    "wasm": BackendEnvironment(
        backend="wasm",
        browser="Chromium 156.0.8078.79",
        tfjs="4.22.0",
        renderer="wasm threaded-simd ×2",
        software=False,
        cores=4,
        flags={"WASM_HAS_MULTITHREAD_SUPPORT": "true", "WASM_HAS_SIMD_SUPPORT": "true"},
    ),
    "cpu": BackendEnvironment(
        backend="cpu",
        browser="Chromium 156.0.8078.79",
        tfjs="4.22.0",
        renderer="JavaScript",
        software=False,
        cores=4,
        flags={},
    ),
}
GPU = replace(ENVIRONMENTS["webgl"], renderer="ANGLE (NVIDIA, NVIDIA GeForce RTX 3060, OpenGL 4.6)", software=False)


def limits(key: str, **values: float) -> Limits:
    """``limits("budget.steady_ms", wasm=50)``; ``default=`` for a bare number."""
    return Limits(
        by_key={
            name: Limit(value=value, key=key if name == "default" else f"{key}.{name}")
            for name, value in values.items()
        }
    )


def thresholds(section: str, **values: float) -> Thresholds:
    """``thresholds("compare.conversion", sqnr_db=80)``."""
    return Thresholds(**{gate: limits(f"{section}.{gate}", default=value) for gate, value in values.items()})


def model_spec(name: str = "digits", **changes: Any) -> ModelSpec:
    """A model with float16 and uint8 on webgl and wasm, that sets no limits."""
    quantize = changes.get(
        "quantize", (QuantizeSpec(name="float16", scheme="float16"), QuantizeSpec(name="uint8", scheme="uint8"))
    )
    base = ModelSpec(
        name=name,
        source=Path(f"/project/models/{name}.keras"),
        source_text=f"models/{name}.keras",
        line=8,
        key_lines={},
        format="auto",
        signature=None,
        tfjs="4.22.0",
        backends=("webgl", "wasm"),
        inputs={},
        shapes={},
        batch=1,
        random=RandomSpec(seed=0, ranges={}),
        quantize=quantize,
        compare=CompareSpec(conversion=Thresholds(), quantized={each.name: Thresholds() for each in quantize}),
        benchmark=BenchmarkSpec(warmup=3, runs=20),
        budget=Budget(),
        level={"default": "error"},
        gate_software=False,
        shard_bytes=4 << 20,
        deadline_seconds=120.0,
    )
    return replace(base, **changes)


def download(raw: int) -> Download:
    """model.json, and the rest in one shard."""
    whole = FileSize(name="", raw_bytes=raw, gzip_bytes=int(raw * 0.91), brotli_bytes=int(raw * 0.88))
    first = FileSize(name="model.json", raw_bytes=raw // 20, gzip_bytes=raw // 90, brotli_bytes=raw // 100)
    shard = FileSize(
        name="group1-shard1of1.bin",
        raw_bytes=whole.raw_bytes - first.raw_bytes,
        gzip_bytes=whole.gzip_bytes - first.gzip_bytes,
        brotli_bytes=whole.brotli_bytes - first.brotli_bytes,
    )
    return Download(raw_bytes=raw, gzip_bytes=whole.gzip_bytes, brotli_bytes=whole.brotli_bytes, files=(first, shard))


def artifact(model: str, variant: str, raw: int, *, dtypes: tuple[WeightSummary, ...] = ()) -> Artifact:
    """A variant of a small net; it compresses as such nets do."""
    return Artifact(
        variant=variant,
        path=Path(f"models/{model}/{variant}"),
        inputs=(TensorSpec(name="images", tensor="images:0", dtype="float32", shape=(None, 8, 8, 1)),),
        outputs=(TensorSpec(name="logits", tensor="Identity:0", dtype="float32", shape=(None, 10)),),
        nodes=11,
        ops={"Reshape": 1, "_FusedConv2D": 3, "_FusedMatMul": 2, "MaxPool": 1},
        parameters=raw // 4,
        weights=dtypes or (WeightSummary(dtype="float32", count=14, stored_bytes=raw),),
        shards=("group1-shard1of1.bin",),
        download=download(raw),
        sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    )


def output(sqnr_db: float | None, *, name: str = "logits", **changes: Any) -> OutputComparison:
    """One output whose other metrics fit its SQNR, logits between -20 and 20 with a mean power of 36."""
    noise = 0.0 if sqnr_db is None else 6.0 * 10 ** (-sqnr_db / 20)
    base = OutputComparison(
        output=name,
        shape=(64, 10),
        dtype="float32",
        max_abs=noise * 3.1,
        max_relative=noise * 3.1 / 40,
        rmse=noise,
        sqnr_db=sqnr_db,
        cosine=1 - 0.5 * (noise / 6.0) ** 2,
        top1=1.0,
        samples=64,
    )
    return replace(base, **changes)


def comparison(variant: str, backend: Backend, *outputs: OutputComparison) -> Comparison:
    return Comparison(
        kind="conversion" if variant == "float" else "quantized",
        variant=variant,
        outputs=outputs,
        environment=ENVIRONMENTS[backend],
    )


def benchmark(
    variant: str,
    backend: Backend,
    median: float,
    *,
    load: float = 21.4,
    first: float = 180.0,
    leaked: int = 0,
    environment: BackendEnvironment | None = None,
) -> Benchmark:
    """Twenty runs around a median."""
    samples = tuple(median * (1 + 0.01 * (n % 7 - 3)) for n in range(20))
    return Benchmark(
        variant=variant,
        timing=Timing(
            load_ms=load,
            first_inference_ms=first,
            warmup_ms=(median * 1.9, median * 1.2, median * 1.05),
            steady_ms=samples,
            memory_before=MemoryUse(tensors=14, bytes=151_000),
            memory_after=MemoryUse(tensors=14 + leaked, bytes=151_000),
            environment=environment or ENVIRONMENTS[backend],
        ),
        steady=Statistics(runs=20, median_ms=median, mad_ms=median * 0.02, p90_ms=median * 1.03, min_ms=min(samples)),
        leaked_tensors=leaked,
    )


def model_result(
    spec: ModelSpec,
    *,
    artifacts: tuple[Artifact, ...] = (),
    comparisons: tuple[Comparison, ...] = (),
    benchmarks: tuple[Benchmark, ...] = (),
    failures: tuple[Failure, ...] = (),
    random_inputs: bool = False,
    **more: Any,
) -> ModelResult:
    """What the pipeline makes of these facts."""
    judgements = judge(spec, artifacts, comparisons, benchmarks, random_inputs)
    return ModelResult(
        name=spec.name,
        source=spec.source_text,
        line=spec.line,
        format="keras",
        outcome=outcome_of(judgements, failures),
        artifacts=artifacts,
        comparisons=comparisons,
        benchmarks=benchmarks,
        judgements=judgements,
        failures=failures,
        **more,
    )


def run_result(*models: ModelResult, failures: tuple[Failure, ...] = (), **changes: Any) -> RunResult:
    """What the pipeline makes of these models."""
    codes = [each.exit_code for each in (*failures, *(f for model in models for f in model.failures))]
    outcomes = [model.outcome for model in models]
    base = RunResult(
        tfjsci="0.1.0",
        manifest="tfjsci.yml",
        started_at="2026-08-01T10:15:30Z",
        duration_seconds=43.21,
        stages=("convert", "check", "quantize", "compare", "benchmark"),
        outcome="fail" if failures else worst(outcomes),
        exit_code=exit_code_of(outcomes, codes),
        machine=MACHINE,
        models=models,
        failures=failures,
    )
    return replace(base, **changes)


def digits(name: str = "digits", *, line: int = 8) -> ModelResult:
    """A small net that passes everything, with budgets that could be tighter."""
    spec = model_spec(
        name,
        line=line,
        budget=Budget(
            download_bytes=limits("budget.download_bytes", default=2_000_000),
            steady_ms=limits("budget.steady_ms", wasm=50, webgl=60),
        ),
    )
    return model_result(
        spec,
        artifacts=(
            artifact(name, "float", 154_321),
            artifact(name, "float16", 80_123, dtypes=(WeightSummary(dtype="float16", count=14, stored_bytes=76_000),)),
            artifact(
                name,
                "uint8",
                42_987,
                dtypes=(
                    WeightSummary(dtype="uint8", count=10, stored_bytes=38_000),
                    WeightSummary(dtype="float32", count=4, stored_bytes=1_000),
                ),
            ),
        ),
        comparisons=(
            comparison("float", "webgl", output(118.3)),
            comparison("float", "wasm", output(131.7)),
            comparison("float16", "webgl", output(68.2)),
            comparison("float16", "wasm", output(68.4)),
            comparison("uint8", "webgl", output(34.6)),
            comparison("uint8", "wasm", output(34.7)),
        ),
        benchmarks=tuple(
            benchmark(variant, backend, median, first=first)
            for variant in ("float", "float16", "uint8")
            for backend, median, first in (("webgl", 14.21, 812.0), ("wasm", 1.234, 9.87))
        ),
        inputs=(InputSummary(name="images", dtype="float32", shape=(64, 8, 8, 1), origin="samples/digits.npz"),),
        basis=Basis(samples=64, calls=2, values="real"),
        durations=(
            StageDuration(stage="convert", seconds=1.52),
            StageDuration(stage="check", seconds=0.01),
            StageDuration(stage="quantize", seconds=0.21),
            StageDuration(stage="compare", seconds=6.4),
            StageDuration(stage="benchmark", seconds=11.2),
        ),
        verification=Verification(status="same", sqnr_db=137.2),
    )


def gated() -> ModelResult:
    """A larger net whose uint8 variant misses its fidelity and whose steady time misses its budget."""
    quantize = (QuantizeSpec(name="uint8", scheme="uint8"),)
    spec = model_spec(
        "mobilenet",
        line=14,
        quantize=quantize,
        compare=CompareSpec(
            conversion=Thresholds(),
            quantized={"uint8": thresholds("compare.quantized.uint8", sqnr_db=20, top1=0.98)},
        ),
        budget=Budget(
            download_bytes=limits("budget.download_bytes", default=14_500_000, uint8=4_000_000),
            steady_ms=limits("budget.steady_ms", wasm=50, webgl=100),
            first_inference_ms=limits("budget.first_inference_ms", webgl=4000),
        ),
    )
    return model_result(
        spec,
        artifacts=(
            artifact("mobilenet", "float", 14_123_456),
            artifact(
                "mobilenet",
                "uint8",
                3_654_321,
                dtypes=(WeightSummary(dtype="uint8", count=56, stored_bytes=3_500_000),),
            ),
        ),
        comparisons=(
            comparison("float", "webgl", output(97.1, name="predictions")),
            comparison("float", "wasm", output(112.0, name="predictions")),
            comparison("uint8", "webgl", output(11.2, name="predictions", top1=0.891, top5=0.984)),
            comparison("uint8", "wasm", output(11.3, name="predictions", top1=0.906, top5=0.984)),
        ),
        benchmarks=(
            benchmark("float", "webgl", 412.3, load=131.0, first=5123.0),
            benchmark("float", "wasm", 61.23, load=122.0, first=143.0),
            benchmark("uint8", "webgl", 415.9, load=75.1, first=5201.0),
            benchmark("uint8", "wasm", 60.87, load=70.2, first=141.0),
        ),
        inputs=(InputSummary(name="images", dtype="float32", shape=(64, 224, 224, 3), origin="samples/photos.npz"),),
        durations=(StageDuration(stage="convert", seconds=2.1), StageDuration(stage="benchmark", seconds=74.0)),
        verification=Verification(
            status="unverified",
            reason="the original graph can't be run in TensorFlow: it draws random numbers: RandomUniform drop/random",
        ),
    )


def unsupported() -> ModelResult:
    """A detector with ops that don't exist in the browser."""
    spec = model_spec("detector", line=31, source_text="models/detector")
    ops = (
        UnsupportedOp(
            op="CombinedNonMaxSuppression",
            reason="TensorFlow.js has no such op",
            hint="Export the model without its last step, and call tf.image.nonMaxSuppressionAsync on its boxes.",
            backends=("webgl", "wasm"),
            nodes=("StatefulPartitionedCall/nms/CombinedNonMaxSuppression",),
            layers=("nms",),
        ),
        UnsupportedOp(
            op="Erfc",
            reason="the wasm backend has no kernel for it",
            hint="Leave wasm out of this model's backends, or use gelu(approximate=True).",
            backends=("wasm",),
            nodes=tuple(f"StatefulPartitionedCall/backbone/block_{n}/gelu/Erfc" for n in range(1, 25)),
            layers=tuple(f"backbone/block_{n}/gelu" for n in range(1, 25)),
            tried=("erfc: the dtype of StatefulPartitionedCall/backbone/x isn't known",),
        ),
    )
    lowered = LoweredOp(
        op="Einsum",
        by="einsum",
        reason="throws: the backend has no kernel Einsum",
        backends=("wasm",),
        nodes=("backbone/block_1/attention/einsum/Einsum", "backbone/block_1/attention/einsum_1/Einsum"),
        layers=("backbone/block_1/attention",),
    )
    return model_result(
        spec,
        op_check=OpCheck(
            ops={"CombinedNonMaxSuppression": 1, "Conv2D": 53, "Erfc": 24}, unsupported=ops, lowered=(lowered,)
        ),
        failures=(
            Failure(
                stage="check",
                code="unsupported-ops",
                exit_code=1,
                message="models/detector: 2 ops can't run:\n  CombinedNonMaxSuppression\n  Erfc",
                hint="See each op.",
            ),
        ),
    )


def warning() -> ModelResult:
    """A model whose output is only just as good as uint16 normally is, and which leaks."""
    spec = model_spec(
        "speech", line=40, source_text="models/speech.h5", quantize=(QuantizeSpec(name="uint16", scheme="uint16"),)
    )
    return model_result(
        spec,
        artifacts=(
            artifact("speech", "float", 2_345_678),
            artifact(
                "speech", "uint16", 1_234_567, dtypes=(WeightSummary(dtype="uint16", count=14, stored_bytes=1_172_000),)
            ),
        ),
        comparisons=(
            comparison(
                "float", "webgl", output(88.0, name="words"), output(None, name="mask", exact=True, max_abs=0.0)
            ),
            comparison(
                "float", "wasm", output(101.0, name="words"), output(None, name="mask", exact=True, max_abs=0.0)
            ),
            comparison(
                "uint16", "webgl", output(58.9, name="words"), output(None, name="mask", exact=True, max_abs=0.0)
            ),
            comparison(
                "uint16", "wasm", output(59.2, name="words"), output(None, name="mask", exact=True, max_abs=0.0)
            ),
        ),
        benchmarks=(
            benchmark("float", "webgl", 33.1, leaked=40),
            benchmark("float", "wasm", 12.9, leaked=40),
            benchmark("uint16", "webgl", 33.4),
            benchmark("uint16", "wasm", 12.8),
        ),
        random_inputs=True,
        inputs=(InputSummary(name="audio", dtype="float32", shape=(1, 16000), origin="random, seed 0, [0, 1)"),),
        basis=Basis(samples=1, calls=1, values="random"),
        notes=("input 'length' is int64 in TensorFlow and int32 in the browser",),
    )


def all_pass() -> RunResult:
    return run_result(digits(), digits("digits-h5", line=20), digits("digits-saved-model", line=32))


def mixed() -> RunResult:
    return run_result(digits(), gated(), unsupported(), warning(), duration_seconds=152.0)


def no_browser() -> RunResult:
    """The models were converted; then there was nothing to run them in."""
    model = digits()
    converted = replace(model, comparisons=(), benchmarks=(), judgements=(), durations=model.durations[:3])
    return run_result(
        converted,
        failures=(
            Failure(
                stage="compare",
                code="browser-missing",
                exit_code=3,
                message="no browser was found: looked for Chrome, Chromium and Playwright's own\n"
                "  /usr/bin/google-chrome: no such file\n  /usr/bin/chromium: no such file",
                hint="Install Chromium, or set TFJSCI_BROWSER to a Chrome or Chromium.",
            ),
        ),
        duration_seconds=2.05,
    )


EVIL = (
    "| x | ❌ fail |\n|---|---|\n# ✅ all pass @octocat fixes #1 <!-- tfjsci:report --> </details><script>alert(1)</script>"
    " `code` ![i](https://example.org/a.png) \x1b[2J\u202egnp.exe"
)


def hostile() -> RunResult:
    """Every text of a run says something else than what it is."""
    spec = replace(
        model_spec("evil", quantize=(QuantizeSpec(name="uint8", scheme="uint8"),)),
        name=EVIL,
        source_text=f"models/{EVIL}",
        budget=Budget(steady_ms=limits("budget.steady_ms", wasm=1)),
    )
    stranger = replace(ENVIRONMENTS["wasm"], renderer=EVIL, browser=EVIL, tfjs=EVIL, flags={EVIL: EVIL})
    model = model_result(
        spec,
        artifacts=(artifact("evil", "float", 4_000), artifact("evil", EVIL, 1_000)),
        comparisons=(
            replace(comparison("float", "wasm", output(100.0, name=EVIL)), environment=stranger),
            replace(comparison("uint8", "wasm", output(3.0, name="x" * 10_000, problem=EVIL)), environment=stranger),
        ),
        benchmarks=(benchmark("float", "wasm", 5.0, environment=stranger),),
        op_check=OpCheck(
            ops={EVIL: 1},
            unsupported=(
                UnsupportedOp(op=EVIL, reason=EVIL, hint=EVIL, backends=("wasm",), nodes=(EVIL, "a|b"), layers=(EVIL,)),
            ),
        ),
        failures=(
            Failure(
                stage="compare", code="browser-job-failed", exit_code=1, message=f"{EVIL}\n```\n</details>\n{EVIL}",
                hint=EVIL, backend="wasm", variant=EVIL,
            ),
        ),
        inputs=(InputSummary(name=EVIL, dtype=EVIL, shape=(1,), origin=EVIL),),
        notes=(EVIL,),
        verification=Verification(
            status="different", reason=EVIL, sqnr_db=12.3, output=EVIL, stage="folding", rules=("fold_scale",)
        ),
    )  # fmt: skip
    failure = Failure(stage=EVIL, code=EVIL, exit_code=1, message=EVIL, hint=EVIL)
    machine = replace(MACHINE, cpu=EVIL, platform=EVIL, tensorflow=EVIL)
    return run_result(model, digits(), failures=(failure,), manifest=EVIL, machine=machine, started_at=EVIL)
