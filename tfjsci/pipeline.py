"""The line, readable aloud: load, rewrite, check, write, compare, measure, judge; then the next model.

A stage that can't be done is a ``Failure`` and the run goes on. The world comes in from outside: the browser sessions,
the progress display, the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

from tfjsci._version import __version__
from tfjsci.against.against import Head, hold_against
from tfjsci.against.base import Base, open_base
from tfjsci.artifact.artifact import Artifact
from tfjsci.artifact.quantize import Quantization
from tfjsci.baseline.comparison import BaselineComparison
from tfjsci.benchmark.benchmark import Benchmark
from tfjsci.benchmark.measure import measure
from tfjsci.browser.protocol import CustomScript
from tfjsci.catalog.catalog import Catalog
from tfjsci.compare.compare import compare_outputs
from tfjsci.compare.comparison import Comparison, OutputComparison
from tfjsci.converter import FLOAT, Converted, convert, describe, quantization_notes, require_supported, write_variant
from tfjsci.custom_ops import notes_of, require_runnable, scripts_of
from tfjsci.graph.graph import Array, node_of
from tfjsci.inputs.inputs import Inputs, make_inputs
from tfjsci.load.load import LoadOptions
from tfjsci.machine import this_machine
from tfjsci.manifest.resolved import ModelSpec
from tfjsci.plan import RunPlan, baseline_steps_of, needs_inputs, runs_in_browser, steps_of
from tfjsci.progress import Progress
from tfjsci.reference import run_reference
from tfjsci.results.run_result import ModelResult, RunResult, StageDuration
from tfjsci.sessions import Sessions
from tfjsci.steps import Ledger, Steps, failure_of
from tfjsci.units import show_bytes, show_ms
from tfjsci.verdict import Judgement, exit_code_of, judge, outcome_of, worst
from tfjsci.verify.verification import Verification
from tfjsci.verify.verify import bug_of, verify

Outputs = list[dict[str, Array]]


@dataclass(frozen=True, kw_only=True)
class World:
    """What a run needs from outside: browsers, someone who watches, and the time."""

    sessions: Sessions
    progress: Progress
    now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)


@dataclass
class _Facts:
    """What is found out about one model while its stages run; becomes a ``ModelResult`` at the end."""

    converted: Converted | None = None
    scripts: tuple[CustomScript, ...] = ()
    inputs: Inputs | None = None
    verification: Verification | None = None
    artifacts: list[Artifact] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    benchmarks: list[Benchmark] = field(default_factory=list)
    baseline: BaselineComparison | None = None
    notes: list[str] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)


def run_manifest(plan: RunPlan, world: World, *, manifest_name: str) -> RunResult:
    """Every model of the plan, one after the other; ``manifest_name`` is how the user named the file."""
    started = world.now()
    against = plan.baseline is not None
    world.progress.begin(
        sum(
            steps_of(spec, plan.stages) + (baseline_steps_of(spec, plan.stages) if against else 0)
            for spec in plan.models
        )
    )
    try:
        with open_base(plan.baseline) as base:
            models = tuple(run_model(spec, plan, world, base) for spec in plan.models)
    finally:
        world.progress.end()
    failures = tuple(failure_of("environment", error) for error in world.sessions.failures)
    outcomes = [model.outcome for model in models]
    codes = [failure.exit_code for failure in (*failures, *(f for model in models for f in model.failures))]
    return RunResult(
        tfjsci=__version__,
        manifest=manifest_name,
        started_at=started.isoformat(timespec="seconds"),
        duration_seconds=round((world.now() - started).total_seconds(), 3),
        stages=plan.stages,
        outcome=worst([*outcomes, *(("fail",) if failures else ())]),
        exit_code=int(exit_code_of(outcomes, codes)),
        machine=this_machine(),
        models=models,
        failures=failures,
    )


def run_model(spec: ModelSpec, plan: RunPlan, world: World, base: Base | None = None) -> ModelResult:
    """One model from its source to its judgements. What breaks is a ``Failure`` of its stage."""
    facts = _Facts()
    steps = Steps(spec, world.progress, facts.ledger)
    _convert(spec, plan, world, steps, facts)
    if facts.converted is not None and facts.artifacts:
        if "quantize" in plan.stages:
            _quantize(spec, plan, steps, facts)
        if needs_inputs(spec, plan.stages):
            _choose_inputs(spec, steps, facts)
        if "verify" in plan.stages:
            _verify(steps, facts)
        if "compare" in plan.stages:
            _compare(spec, world, steps, facts)
        if "benchmark" in plan.stages and spec.benchmark:
            _benchmark(spec, world, steps, facts)
    world.progress.skip(max(0, steps_of(spec, plan.stages) - steps.taken))
    if base is not None:
        _hold_against(base, spec, plan, world, facts)
    judgements: tuple[Judgement, ...] = ()
    with steps.unshown("judge"):
        random = facts.inputs.random if facts.inputs else True
        judgements = judge(spec, facts.artifacts, facts.comparisons, facts.benchmarks, random)
    return _result(spec, facts, judgements)


def _convert(spec: ModelSpec, plan: RunPlan, world: World, steps: Steps, facts: _Facts) -> None:
    with steps.step("convert", "convert") as step:
        converted = convert(
            spec.source,
            backends=spec.backends,
            format=spec.format,
            options=LoadOptions(
                signature=spec.signature,
                tags=spec.tags,
                input_nodes=spec.input_nodes,
                output_nodes=spec.output_nodes,
                allow_code=plan.allow_code,
                input_shapes=spec.pinned_shapes,
                batch=spec.pinned_batch,
            ),
            catalog=_catalog(spec, world),
            without_rules=spec.without_rules,
            unroll_loops=spec.unroll_loops,
        )
        facts.scripts = scripts_of(spec, converted.check.ops)
        if runs_in_browser(spec, plan.stages):
            require_runnable(facts.scripts, allow_code=plan.allow_code)
        facts.converted = converted
        facts.notes += notes_of(facts.scripts)
        step.detail = f"{facts.converted.loaded.format}, {facts.converted.computing_nodes} nodes"
    if facts.converted is None:
        return
    if "check" in plan.stages:
        with steps.step("check", f"check ops for {', '.join(spec.backends)}") as step:
            require_supported(facts.converted.check)
            step.detail = f"{len(facts.converted.check.ops)} kinds, all supported"
        if facts.ledger.failures:
            return
    with steps.step("convert", "write float", variant=FLOAT) as step:
        written = write_variant(facts.converted, _folder(plan, spec, FLOAT), shard_bytes=spec.shard_bytes)
        facts.artifacts.append(describe(facts.converted, written, FLOAT))
        step.detail = show_bytes(written.raw_bytes)


def _catalog(spec: ModelSpec, world: World) -> Catalog:
    return world.sessions.catalog(spec.tfjs).with_custom(custom.op for custom in spec.custom_ops)


def _quantize(spec: ModelSpec, plan: RunPlan, steps: Steps, facts: _Facts) -> None:
    assert facts.converted is not None
    for wanted in spec.quantize:
        with steps.step("quantize", f"quantize {wanted.name}", variant=wanted.name) as step:
            quantization = Quantization(dtype=wanted.dtype, include=wanted.include, exclude=wanted.exclude)
            facts.notes += quantization_notes(facts.converted, quantization)
            written = write_variant(
                facts.converted,
                _folder(plan, spec, wanted.name),
                quantization=quantization,
                shard_bytes=spec.shard_bytes,
            )
            artifact = describe(facts.converted, written, wanted.name)
            facts.artifacts.append(artifact)
            step.detail = show_bytes(artifact.download.raw_bytes)


def _choose_inputs(spec: ModelSpec, steps: Steps, facts: _Facts) -> None:
    assert facts.converted is not None
    with steps.step("inputs", "prepare inputs") as step:
        facts.inputs = make_inputs(
            facts.converted.inputs,
            files=spec.inputs,
            shapes=spec.shapes,
            batch=spec.batch,
            seed=spec.random.seed,
            ranges=spec.random.ranges,
        )
        step.detail = "; ".join(f"{each.name} {list(each.shape)} from {each.origin}" for each in facts.inputs.summaries)


def _verify(steps: Steps, facts: _Facts) -> None:
    """Rewriting is held against the graph as it was loaded, in TensorFlow alone: what differs here is a bug of ours."""
    if facts.inputs is None or facts.converted is None:
        return
    loaded = facts.converted.loaded
    with steps.step("verify", "verify the rewriting in TensorFlow") as step:
        verification = verify(
            loaded.graph,
            facts.converted.graph,
            # one call is enough: what a rule does is done at every call
            inputs={node_of(spec.tensor): facts.inputs.samples[0][spec.name] for spec in loaded.inputs},
            outputs=[spec.name for spec in loaded.outputs],
            means=facts.converted.means,
        )
        facts.verification = verification
        if verification.status == "different":
            raise bug_of(verification)
        if verification.status == "unverified":
            facts.notes.append(f"the rewriting wasn't verified: {verification.reason}")
            step.detail = f"not verified: {verification.reason}"
        else:
            step.detail = "identical" if verification.sqnr_db is None else f"{verification.sqnr_db:.1f} dB"


def _compare(spec: ModelSpec, world: World, steps: Steps, facts: _Facts) -> None:
    if facts.inputs is None or facts.converted is None:
        return
    reference: Outputs | None = None
    with steps.step("reference", "run the original in TensorFlow") as step:
        reference = run_reference(facts.converted.loaded, facts.inputs.samples)
        step.detail = ", ".join(f"{name} {list(value.shape)}" for name, value in reference[0].items())
    for backend in spec.backends:
        on_float: Outputs | None = None
        for artifact in facts.artifacts:
            conversion = artifact.variant == FLOAT
            against = reference if conversion else on_float
            if against is None:
                continue  # what it would be compared with failed, and that is told
            with steps.browser_step(world.sessions, backend, "compare", artifact.variant) as (step, session):
                predictions = session().predict(
                    artifact.path,
                    backend,
                    facts.inputs.samples,
                    deadline_seconds=spec.deadline_seconds,
                    scripts=facts.scripts,
                )
                outputs: Outputs = [dict(prediction.outputs) for prediction in predictions]
                if conversion:
                    on_float = outputs
                comparison = Comparison(
                    kind="conversion" if conversion else "quantized",
                    variant=artifact.variant,
                    outputs=compare_outputs(against, outputs, topk=not facts.inputs.random),
                    environment=predictions[0].environment,
                )
                facts.comparisons.append(comparison)
                step.detail = _worst_of(comparison.outputs)


def _benchmark(spec: ModelSpec, world: World, steps: Steps, facts: _Facts) -> None:
    if facts.inputs is None or spec.benchmark is None:
        return
    for backend in spec.backends:
        for artifact in facts.artifacts:
            with steps.browser_step(world.sessions, backend, "benchmark", artifact.variant) as (step, session):
                benchmark = measure(
                    session(),
                    artifact_folder=artifact.path,
                    variant=artifact.variant,
                    backend=backend,
                    inputs=facts.inputs.timed,
                    plan=spec.benchmark,
                    deadline_seconds=spec.deadline_seconds,
                    scripts=facts.scripts,
                )
                facts.benchmarks.append(benchmark)
                software = ", software renderer" if benchmark.timing.environment.software else ""
                step.detail = f"{show_ms(benchmark.steady.median_ms)}{software}"


def _hold_against(base: Base, spec: ModelSpec, plan: RunPlan, world: World, facts: _Facts) -> None:
    if not facts.artifacts:  # there is nothing to hold against anything
        world.progress.skip(baseline_steps_of(spec, plan.stages))
        return
    timed = facts.inputs.timed if facts.inputs and "benchmark" in plan.stages else None
    head = Head(
        artifacts=tuple(facts.artifacts),
        comparisons=tuple(facts.comparisons),
        timed=timed,
        catalog=_catalog(spec, world),
        scripts=facts.scripts,
    )
    facts.baseline = hold_against(
        base, spec, head, stages=plan.stages, sessions=world.sessions, progress=world.progress
    )


def _result(spec: ModelSpec, facts: _Facts, judgements: tuple[Judgement, ...]) -> ModelResult:
    converted = facts.converted
    notes = (*(converted.notes if converted else ()), *facts.notes, *(facts.inputs.notes if facts.inputs else ()))
    return ModelResult(
        name=spec.name,
        source=spec.source_text,
        line=spec.line,
        format=converted.loaded.format if converted else None,
        signature=converted.loaded.signature if converted else None,
        outcome=outcome_of(judgements, facts.ledger.failures),
        inputs=facts.inputs.summaries if facts.inputs else (),
        artifacts=tuple(facts.artifacts),
        op_check=converted.check if converted else None,
        comparisons=tuple(facts.comparisons),
        benchmarks=tuple(facts.benchmarks),
        judgements=judgements,
        failures=tuple(facts.ledger.failures),
        durations=tuple(StageDuration(stage=stage, seconds=round(s, 3)) for stage, s in facts.ledger.seconds.items()),
        baseline=facts.baseline,
        verification=facts.verification,
        notes=notes,
    )


def _folder(plan: RunPlan, spec: ModelSpec, variant: str) -> Path:
    return plan.output / "models" / spec.name / variant


def _worst_of(outputs: Sequence[OutputComparison]) -> str:
    """The step's detail: the worst output's number."""
    problems = [f"{each.output}: {each.problem}" for each in outputs if each.problem]
    if problems:
        return problems[0]
    measured = [each for each in outputs if each.sqnr_db is not None]
    if not measured:
        return "exact" if all(each.exact for each in outputs) else "compared"
    worst_output = min(measured, key=lambda each: each.sqnr_db or 0.0)
    return f"{worst_output.sqnr_db:.1f} dB"
