"""The line, readable aloud: load, rewrite, check, write, compare, measure, judge; then the next model.

A stage that can't be done is a ``Failure`` and the run goes on. The world comes in from outside: the browser sessions,
the progress display, the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path

from tfjsci._version import __version__
from tfjsci.against.against import Head, hold_against
from tfjsci.against.base import Base, open_base
from tfjsci.against.numbers import Answers
from tfjsci.artifact.artifact import Artifact
from tfjsci.artifact.quantize import quantization_of
from tfjsci.baseline.comparison import BaselineComparison
from tfjsci.benchmark.benchmark import Benchmark
from tfjsci.benchmark.measure import measure
from tfjsci.browser.protocol import CustomScript
from tfjsci.calibrate.variant import calibrated, calls_for_calibration
from tfjsci.catalog.catalog import Catalog
from tfjsci.compare.accuracy import right_classes
from tfjsci.compare.backend_pairs import Ran, backend_pairs
from tfjsci.compare.compare import Measures, compare_outputs
from tfjsci.compare.comparison import Comparison, OutputComparison
from tfjsci.compare.custom import CustomMetric, import_metric, measured_by, require_allowed
from tfjsci.compare.known_outputs import require_known_outputs
from tfjsci.converter import FLOAT, Converted, convert, describe, quantization_notes, require_supported, write_variant
from tfjsci.culprits import Culprits
from tfjsci.custom_ops import notes_of, require_runnable, scripts_of
from tfjsci.graph.graph import Array, node_of
from tfjsci.inputs.inputs import Inputs, make_inputs
from tfjsci.inputs.labels import Labels, read_labels
from tfjsci.inputs.summary import Basis
from tfjsci.load.load import LoadOptions
from tfjsci.localize.localization import Localization
from tfjsci.machine import this_machine
from tfjsci.manifest.resolved import ModelSpec, QuantizeSpec
from tfjsci.plan import RunPlan, baseline_steps_of, calibrates, needs_inputs, runs_in_browser, steps_of
from tfjsci.progress import Progress
from tfjsci.quantize.weight import QuantizedWeight
from tfjsci.reference import run_reference
from tfjsci.results.run_result import ModelResult, RunResult, StageDuration
from tfjsci.search.auto import Auto
from tfjsci.search.found import SearchFound
from tfjsci.searching import Searching
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
    labels: Labels | None = None
    verification: Verification | None = None
    artifacts: list[Artifact] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    backend_pairs: list[Comparison] = field(default_factory=list)
    on_first: dict[str, Outputs] = field(default_factory=dict)
    searches: list[SearchFound] = field(default_factory=list)
    localizations: list[Localization] = field(default_factory=list)
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
        calibrated_on = calibrates(spec, plan.stages)
        if calibrated_on:
            _choose_inputs(spec, steps, facts)
        if "quantize" in plan.stages:
            _quantize(spec, plan, world, steps, facts)
        if needs_inputs(spec, plan.stages) and not calibrated_on:
            _choose_inputs(spec, steps, facts)
        if "verify" in plan.stages:
            _verify(steps, facts)
        if "compare" in plan.stages:
            _compare(spec, plan, world, steps, facts)
        if "benchmark" in plan.stages and spec.benchmark:
            _benchmark(spec, world, steps, facts)
    world.progress.skip(max(0, steps_of(spec, plan.stages) - steps.taken))
    if base is not None:
        _hold_against(base, spec, plan, world, facts)
    judgements: tuple[Judgement, ...] = ()
    with steps.unshown("judge"):
        random = facts.inputs.random if facts.inputs else True
        judgements = judge(spec, facts.artifacts, facts.comparisons, facts.benchmarks, random, facts.backend_pairs)
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
        if "compare" in plan.stages:
            require_allowed(spec.compare.metrics, allow_code=plan.allow_code)
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


def _quantize(spec: ModelSpec, plan: RunPlan, world: World, steps: Steps, facts: _Facts) -> None:
    assert facts.converted is not None
    for wanted in spec.quantize:
        if wanted.auto is not None:
            _search(spec, wanted, plan, world, steps, facts)
            continue
        with steps.step("quantize", f"quantize {wanted.name}", variant=wanted.name) as step:
            quantization = quantization_of(wanted)
            facts.notes += quantization_notes(facts.converted, quantization)
            prepared: Mapping[str, QuantizedWeight] = {}
            if wanted.calibrate is not None:
                calls = calls_for_calibration(facts.inputs, wanted.calibrate.samples)
                prepared, notes = calibrated(facts.converted.graph, facts.converted.inputs, quantization, calls)
                facts.notes += [f"{wanted.name}: {note}" for note in notes]
            written = write_variant(
                facts.converted,
                _folder(plan, spec, wanted.name),
                quantization=quantization,
                prepared=prepared,
                shard_bytes=spec.shard_bytes,
            )
            artifact = describe(facts.converted, written, wanted.name)
            facts.artifacts.append(artifact)
            step.detail = show_bytes(artifact.download.raw_bytes)


def _search(spec: ModelSpec, wanted: QuantizeSpec, plan: RunPlan, world: World, steps: Steps, facts: _Facts) -> None:
    """A variant whose schemes are searched for: written once they are found, and again as often as the browser misses it."""
    converted = facts.converted
    if facts.inputs is None or converted is None:
        return  # there is nothing to run it on, and that is told

    def write(auto: Auto) -> Artifact | None:
        artifact: Artifact | None = None
        with steps.step("quantize", f"quantize {wanted.name}", variant=wanted.name) as step:
            written = write_variant(
                converted,
                _folder(plan, spec, wanted.name),
                quantization=auto.quantizations,
                shard_bytes=spec.shard_bytes,
            )
            artifact = describe(converted, written, wanted.name)
            step.detail = f"{show_bytes(artifact.download.brotli_bytes)} with brotli"
            facts.artifacts = [*(each for each in facts.artifacts if each.variant != wanted.name), artifact]
        return artifact

    found = Searching(
        spec=spec,
        converted=converted,
        inputs=facts.inputs,
        whole=facts.artifacts[0],
        steps=steps,
        progress=world.progress,
        sessions=world.sessions if "compare" in plan.stages else None,
        scripts=facts.scripts,
    ).variant(wanted, write)
    if found is not None:
        facts.notes += quantization_notes(converted, found.quantizations)
        facts.searches.append(found.told())


def _choose_inputs(spec: ModelSpec, steps: Steps, facts: _Facts) -> None:
    assert facts.converted is not None
    with steps.step("inputs", "prepare inputs") as step:
        require_known_outputs(spec.compare, [each.name for each in facts.converted.outputs])
        facts.inputs = make_inputs(
            facts.converted.inputs,
            files=spec.inputs,
            shapes=spec.shapes,
            batch=spec.batch,
            seed=spec.random.seed,
            ranges=spec.random.ranges,
            samples_per_call=spec.compare.samples_per_call,
            batches=spec.random.batches,
        )
        facts.labels = read_labels(spec.labels, facts.inputs.basis) if spec.labels else None
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


def _compare(spec: ModelSpec, plan: RunPlan, world: World, steps: Steps, facts: _Facts) -> None:
    if facts.inputs is None or facts.converted is None:
        return
    reference: Outputs | None = None
    with steps.step("reference", "run the original in TensorFlow") as step:
        reference = run_reference(facts.converted.loaded, facts.inputs.samples)
        step.detail = ", ".join(f"{name} {list(value.shape)}" for name, value in reference[0].items())
    measures = _measures(spec, steps, facts, reference)
    metrics = _own_metrics(spec, steps)
    on_backends: list[Ran] = []
    culprits = _culprits(spec, facts) if plan.localizes(spec) else None
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
                if plan.baseline is not None and backend == spec.backends[0]:
                    facts.on_first[artifact.variant] = outputs
                if conversion and spec.compare.backends is not None:
                    environment = predictions[0].environment
                    on_backends.append(Ran(variant=artifact.variant, outputs=outputs, environment=environment))
                comparison = Comparison(
                    kind="conversion" if conversion else "quantized",
                    variant=artifact.variant,
                    outputs=compare_outputs(against, outputs, topk=not facts.inputs.random, measures=measures),
                    environment=predictions[0].environment,
                )
                for metric in metrics:
                    with steps.unshown("compare", backend=backend, variant=artifact.variant):
                        comparison = replace(
                            comparison, outputs=measured_by(metric, comparison.outputs, against, outputs)
                        )
                facts.comparisons.append(comparison)
                step.detail = _worst_of(comparison.outputs)
                if culprits is not None:
                    with steps.unshown("localize", backend=backend, variant=artifact.variant):
                        where, whole = artifact.path, facts.artifacts[0].path
                        found = culprits.look(comparison, where, whole, wanted=against, have=outputs, session=session)
                        step.detail += f"; look at {found.op} {found.node}" if found and found.node else ""
    facts.localizations += culprits.found if culprits is not None else []
    facts.backend_pairs += backend_pairs(on_backends, topk=not facts.inputs.random, measures=measures)


def _culprits(spec: ModelSpec, facts: _Facts) -> Culprits:
    assert facts.converted is not None
    assert facts.inputs is not None
    return Culprits(
        spec=spec,
        graph=facts.converted.graph,
        inputs=facts.converted.inputs,
        samples=facts.inputs.samples,
        random_inputs=facts.inputs.random,
        scripts=facts.scripts,
    )


def _measures(spec: ModelSpec, steps: Steps, facts: _Facts, reference: Outputs | None) -> Measures:
    """What is measured; labels that fit no output are a failure, and everything else is measured all the same."""
    measures = Measures.within(spec.compare.tolerance)
    if facts.labels is not None and reference is not None:
        with steps.unshown("labels"):
            measures = replace(measures, right=right_classes(facts.labels, reference))
    return measures


def _own_metrics(spec: ModelSpec, steps: Steps) -> list[CustomMetric]:
    """The user's metrics that can be imported; one that can't is a failure, and the others are measured."""
    metrics: list[CustomMetric] = []
    for each in spec.compare.metrics:
        with steps.unshown("compare"):
            metrics.append(import_metric(each))
    return metrics


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
        answers=Answers(backend=spec.backends[0], samples=facts.inputs.samples, outputs=facts.on_first)
        if facts.inputs and facts.on_first
        else None,
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
        basis=_basis(facts),
        artifacts=tuple(facts.artifacts),
        op_check=converted.check if converted else None,
        comparisons=tuple(facts.comparisons),
        backend_pairs=tuple(facts.backend_pairs),
        benchmarks=tuple(facts.benchmarks),
        judgements=judgements,
        localizations=tuple(facts.localizations),
        failures=tuple(facts.ledger.failures),
        durations=tuple(StageDuration(stage=stage, seconds=round(s, 3)) for stage, s in facts.ledger.seconds.items()),
        baseline=facts.baseline,
        verification=facts.verification,
        searches=tuple(facts.searches),
        notes=notes,
    )


def _basis(facts: _Facts) -> Basis | None:
    if facts.inputs is None:
        return None
    return replace(facts.inputs.basis, labels=facts.labels.values.size if facts.labels else 0)


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
