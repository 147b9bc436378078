"""The line, readable aloud: load, rewrite, check, write, compare, measure, judge; then the next model.

A stage that can't be done is a ``Failure`` and the run goes on. The world comes in from outside: the browser sessions,
the progress display, the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from tfjsci._version import __version__
from tfjsci.against.against import Head, hold_against
from tfjsci.against.base import Base, dropped_models, open_base
from tfjsci.against.numbers import Answers
from tfjsci.answered import Answered
from tfjsci.artifact.artifact import Artifact
from tfjsci.artifact.place import remove_others
from tfjsci.artifact.quantize import quantization_of
from tfjsci.benchmark.measure import measure
from tfjsci.calibrate.variant import calibrated, calls_for_calibration
from tfjsci.catalog.catalog import Catalog
from tfjsci.compare.custom import require_allowed
from tfjsci.compare.known_outputs import require_known_outputs
from tfjsci.comparing import Comparing, Outputs
from tfjsci.converter import convert, describe, quantization_notes, require_supported, write_variant
from tfjsci.culprits import Culprits
from tfjsci.custom_ops import notes_of, require_runnable, scripts_of
from tfjsci.facts import Facts
from tfjsci.graph.graph import node_of
from tfjsci.inputs.inputs import make_inputs, with_first_values
from tfjsci.inputs.labels import read_labels
from tfjsci.listed import plural
from tfjsci.load.custom_objects import imported_of_manifest
from tfjsci.load.load import LoadOptions
from tfjsci.machine import this_machine
from tfjsci.manifest.resolved import FLOAT, ModelSpec, QuantizeSpec
from tfjsci.plan import RunPlan, baseline_steps_of, calibrates, needs_inputs, runs_in_browser, steps_of
from tfjsci.progress import Progress
from tfjsci.quantize.weight import PreparedWeight
from tfjsci.reference import run_reference
from tfjsci.results.run_result import ModelResult, RunResult
from tfjsci.search.auto import Auto
from tfjsci.searching import Searching
from tfjsci.sessions import Sessions
from tfjsci.steps import Steps, failure_of
from tfjsci.units import show_bytes, show_ms
from tfjsci.verdict import Judgement, exit_code_of, judge, worst
from tfjsci.verify.noise import narrow_float
from tfjsci.verify.verify import bug_of, verify


@dataclass(frozen=True, kw_only=True)
class World:
    """What a run needs from outside: browsers, someone who watches, and the time."""

    sessions: Sessions
    progress: Progress
    now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)


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
            dropped = dropped_models(base, plan.known) if base is not None else None
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
        dropped=dropped,
    )


def run_model(spec: ModelSpec, plan: RunPlan, world: World, base: Base | None = None) -> ModelResult:
    """One model from its source to its judgements. What breaks is a ``Failure`` of its stage."""
    facts = Facts()
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
    with steps.unshown("convert"):
        _remove_older(spec, plan, facts)
    world.progress.skip(max(0, steps_of(spec, plan.stages) - steps.taken))
    if base is not None:
        _hold_against(base, spec, plan, world, facts)
    judgements: tuple[Judgement, ...] = ()
    with steps.unshown("judge"):
        random = facts.inputs.random if facts.inputs else True
        compared = facts.compared
        judgements = judge(
            spec, facts.artifacts, compared.comparisons, facts.benchmarks, random, compared.backend_pairs
        )
    return facts.result(spec, judgements)


def _remove_older(spec: ModelSpec, plan: RunPlan, facts: Facts) -> None:
    """Artifacts of an older run, of variants that this one couldn't make, or that the manifest hasn't got any more."""
    untouched = () if "quantize" in plan.stages else (each.name for each in spec.quantize)
    remove_others(_folder(plan, spec, FLOAT).parent, keep={*untouched, *(each.variant for each in facts.artifacts)})


def _convert(spec: ModelSpec, plan: RunPlan, world: World, steps: Steps, facts: Facts) -> None:
    with steps.step("convert", "convert") as step:
        converted = convert(
            spec.source,
            backends=spec.backends,
            format=spec.format,
            options=LoadOptions.of(
                spec,
                allow_code=plan.allow_code,
                custom_objects=imported_of_manifest(spec.custom_objects, allow_code=plan.allow_code),
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
        step.detail = f"{facts.converted.loaded.format}, {plural(facts.converted.computing_nodes, 'node')}"
    if facts.converted is None:
        return
    if "check" in plan.stages:
        with steps.step("check", f"check ops for {', '.join(spec.backends)}") as step:
            require_supported(facts.converted.check, spec.backends)
            step.detail = f"{plural(len(facts.converted.check.ops), 'kind')}, all supported"
        if facts.ledger.failures:
            return
    with steps.step("convert", "write float", variant=FLOAT) as step:
        written = write_variant(facts.converted, _folder(plan, spec, FLOAT), shard_bytes=spec.shard_bytes)
        facts.artifacts.append(describe(facts.converted, written, FLOAT))
        step.detail = show_bytes(written.raw_bytes)


def _catalog(spec: ModelSpec, world: World) -> Catalog:
    return world.sessions.catalog(spec.tfjs).with_custom(custom.op for custom in spec.custom_ops)


def _quantize(spec: ModelSpec, plan: RunPlan, world: World, steps: Steps, facts: Facts) -> None:
    assert facts.converted is not None
    for wanted in spec.quantize:
        if wanted.auto is not None:
            _search(spec, wanted, plan, world, steps, facts)
            continue
        with steps.step("quantize", f"quantize {wanted.name}", variant=wanted.name) as step:
            quantization = quantization_of(wanted)
            facts.note(wanted.name, quantization_notes(facts.converted, quantization))
            prepared: Mapping[str, PreparedWeight] = {}
            if wanted.calibrate is not None:
                calls = calls_for_calibration(facts.inputs, facts.converted.inputs, wanted.calibrate.samples)
                prepared, notes = calibrated(facts.converted.graph, facts.converted.inputs, quantization, calls)
                facts.note(wanted.name, notes)
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


SEARCHED_ON_RANDOM = (
    "its schemes were searched for on random inputs, which a model mostly answers alike: what a page feeds it with may need more "
    "bits. Give samples under inputs:"
)


def _search(spec: ModelSpec, wanted: QuantizeSpec, plan: RunPlan, world: World, steps: Steps, facts: Facts) -> None:
    """A variant whose schemes are searched for: written once they are found, and again as often as the browser misses it."""
    converted = facts.converted
    if facts.inputs is None or facts.answered is None or converted is None:
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
        answered=facts.answered,
    ).variant(wanted, write)
    if found is not None:
        facts.note(wanted.name, quantization_notes(converted, found.quantizations))
        if facts.inputs.random:
            facts.note(wanted.name, (SEARCHED_ON_RANDOM,))
        facts.searches.append(found.told())


def _choose_inputs(spec: ModelSpec, steps: Steps, facts: Facts) -> None:
    assert facts.converted is not None
    with steps.step("inputs", "prepare inputs") as step:
        require_known_outputs(spec.compare, [each.name for each in facts.converted.outputs])
        state = {each.name: each.initial for each in facts.converted.loaded.state if each.name not in spec.inputs}
        made = make_inputs(
            [each for each in facts.converted.inputs if each.name not in state],
            files=spec.inputs,
            shapes=spec.shapes,
            batch=spec.batch,
            seed=spec.random.seed,
            ranges=spec.random.ranges,
            samples_per_call=spec.compare.samples_per_call,
            batches=spec.random.batches,
        )
        facts.inputs = with_first_values(made, state)
        facts.answered = Answered(
            samples=facts.inputs.samples, deadline_seconds=spec.deadline_seconds, scripts=facts.scripts
        )
        facts.labels = read_labels(spec.labels, facts.inputs.basis) if spec.labels else None
        step.detail = "; ".join(f"{each.name} {list(each.shape)} from {each.origin}" for each in facts.inputs.summaries)


def _verify(steps: Steps, facts: Facts) -> None:
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


def _compare(spec: ModelSpec, plan: RunPlan, world: World, steps: Steps, facts: Facts) -> None:
    if facts.inputs is None or facts.answered is None or facts.converted is None:
        return
    reference: Outputs | None = None
    with steps.step("reference", "run the original in TensorFlow") as step:
        reference = run_reference(facts.converted.loaded, facts.inputs.samples)
        step.detail = ", ".join(f"{name} {list(value.shape)}" for name, value in reference[0].items())
    facts.compared = Comparing(
        spec=spec,
        inputs=facts.inputs,
        labels=facts.labels,
        artifacts=facts.artifacts,
        steps=steps,
        sessions=world.sessions,
        answered=facts.answered,
        culprits=_culprits(spec, facts) if plan.localizes(spec) else None,
        keep_first=plan.baseline is not None,
        narrow=narrow_float(facts.converted.loaded.graph),
    ).against(reference)


def _culprits(spec: ModelSpec, facts: Facts) -> Culprits:
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


def _benchmark(spec: ModelSpec, world: World, steps: Steps, facts: Facts) -> None:
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


def _hold_against(base: Base, spec: ModelSpec, plan: RunPlan, world: World, facts: Facts) -> None:
    if not facts.artifacts:  # there is nothing to hold against anything
        world.progress.skip(baseline_steps_of(spec, plan.stages))
        return
    timed = facts.inputs.timed if facts.inputs and "benchmark" in plan.stages else None
    head = Head(
        artifacts=tuple(facts.artifacts),
        comparisons=facts.compared.comparisons,
        timed=timed,
        catalog=_catalog(spec, world),
        scripts=facts.scripts,
        answers=Answers(backend=spec.backends[0], samples=facts.inputs.samples, outputs=facts.compared.on_first)
        if facts.inputs and facts.compared.on_first
        else None,
    )
    facts.baseline = hold_against(
        base, spec, head, stages=plan.stages, sessions=world.sessions, progress=world.progress
    )


def _folder(plan: RunPlan, spec: ModelSpec, variant: str) -> Path:
    return plan.output / "models" / spec.name / variant
