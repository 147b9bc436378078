"""The line with a browser, a converter and an original that are all made here: what fails, what goes on, what is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from numpy_evaluator import evaluate_in_numpy, infer_in_numpy

from tfjsci import pipeline
from tfjsci.artifact.quantize import Quantization
from tfjsci.artifact.write import Written, write_artifact
from tfjsci.browser.protocol import BackendEnvironment, BackendProbe, CustomScript, MemoryUse, Prediction, Timing
from tfjsci.catalog.catalog import Catalog, load_catalog
from tfjsci.catalog.check import OpCheck, UnsupportedOp
from tfjsci.converter import Converted
from tfjsci.dtypes import Backend
from tfjsci.errors import (
    BackendUnavailable,
    BrowserJobFailed,
    BrowserMissing,
    ConversionFailed,
    MissingModel,
    OutputUnwritable,
    ReferenceFailed,
    RuntimeMissing,
    TfjsciError,
)
from tfjsci.graph.graph import Constant, DType, Graph, Node
from tfjsci.load.loaded import LoadedGraph
from tfjsci.manifest.parse import load_manifest
from tfjsci.pipeline import World, run_manifest
from tfjsci.plan import make_plan
from tfjsci.progress import Step
from tfjsci.results.run_result import Failure, ModelResult, RunResult
from tfjsci.rewrite.pipeline import Means, RewrittenGraph
from tfjsci.sessions import Sessions
from tfjsci.signature import TensorSpec
from tfjsci.verify.verification import Verification

Array = npt.NDArray[np.generic]
KERNEL = np.arange(96, dtype=np.float32).reshape(12, 8)

MANIFEST = """
version: 1
defaults: {backends: [wasm, cpu], benchmark: {warmup: 1, runs: 2}}
models:
  - {name: a, source: a.keras, quantize: [float16]}
  - {name: b, source: b.keras}
"""


def graph(kernel: Array = KERNEL) -> Graph:
    float32 = {"dtype": DType("float32")}
    return Graph(
        nodes=(
            Node(name="x", op="Placeholder", attrs=float32),
            Node(name="kernel", op="Const", attrs=float32),
            Node(name="y", op="MatMul", inputs=("x", "kernel"), attrs={"T": DType("float32")}),
        ),
        outputs=("y",),
        constants={"kernel": Constant(value=kernel.copy(), sources=("dense/kernel",))},
    )


def product(arrays: Mapping[str, Array]) -> dict[str, Array]:
    return {"y": np.asarray(arrays["x"], np.float32) @ KERNEL}


def converted(
    unsupported: tuple[UnsupportedOp, ...] = (),
    original: Callable[..., dict[str, Array]] = product,
    rewritten: Graph | None = None,
) -> Converted:
    inputs = (TensorSpec(name="x", tensor="x:0", dtype="float32", shape=(None, 12)),)
    outputs = (TensorSpec(name="y", tensor="y:0", dtype="float32", shape=(None, 8)),)
    loaded = LoadedGraph(
        graph=graph(), inputs=inputs, outputs=outputs, format="keras", signature=None, original=original
    )
    return Converted(
        loaded=loaded,
        means=Means(evaluate=evaluate_in_numpy, infer=infer_in_numpy),
        rewritten=RewrittenGraph(graph=rewritten or graph(), applied={}, refusals=()),
        inputs=inputs,
        outputs=outputs,
        check=OpCheck(ops={"MatMul": 1}, unsupported=unsupported),
        notes=("a note of the converter",),
    )


def environment(backend: Backend) -> BackendEnvironment:
    return BackendEnvironment(
        backend=backend, browser="Chromium 1", tfjs="4.22.0", renderer="JavaScript", software=False, cores=2, flags={}
    )


@dataclass
class FakeSession:
    """Answers as the original does; ``broken`` says which job raises what."""

    broken: dict[tuple[str, str, Backend], BaseException] = field(default_factory=dict)
    asked: list[tuple[str, str, Backend]] = field(default_factory=list)
    ran: list[tuple[str, tuple[CustomScript, ...]]] = field(default_factory=list)
    release: dict[str, Any] | BaseException = field(default_factory=dict)
    described: int = 0
    closed: int = 0

    def _ask(self, job: str, model: Path, backend: Backend, scripts: Sequence[CustomScript]) -> None:
        assert (model / "model.json").is_file()
        what = (job, f"{model.parent.name}/{model.name}", backend)
        self.asked.append(what)
        self.ran += [(job, tuple(scripts))] if scripts else []
        if what in self.broken:
            raise self.broken[what]

    def probe(self, backend: Backend) -> BackendProbe:
        raise AssertionError("a run doesn't probe")

    def describe_release(self) -> dict[str, Any]:
        self.described += 1
        if isinstance(self.release, BaseException):
            raise self.release
        return self.release

    def predict(
        self,
        model: Path,
        backend: Backend,
        inputs: Sequence[Mapping[str, Array]],
        *,
        deadline_seconds: float,
        scripts: Sequence[CustomScript] = (),
    ) -> list[Prediction]:
        self._ask("predict", model, backend, scripts)
        return [Prediction(outputs=product(each), environment=environment(backend)) for each in inputs]

    def time(
        self,
        model: Path,
        backend: Backend,
        inputs: Mapping[str, Array],
        *,
        warmup: int,
        runs: int,
        deadline_seconds: float,
        scripts: Sequence[CustomScript] = (),
    ) -> Timing:
        self._ask("time", model, backend, scripts)
        memory = MemoryUse(tensors=3, bytes=400)
        return Timing(
            load_ms=1.0,
            first_inference_ms=2.0,
            warmup_ms=(1.0,) * warmup,
            steady_ms=(1.0,) * runs,
            memory_before=memory,
            memory_after=memory,
            environment=environment(backend),
        )

    def race(self, *args: object, **kwargs: object) -> list[Timing]:
        raise AssertionError("a run doesn't race")

    def close(self) -> None:
        self.closed += 1


@dataclass
class Watched:
    """A display that writes down what it is told."""

    total: int = 0
    steps: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    ended: int = 0

    def begin(self, steps: int) -> None:
        self.total += steps

    @contextmanager
    def step(self, model: str, what: str) -> Iterator[Step]:
        self.steps.append(f"{model}: {what}")
        step = Step()
        try:
            yield step
        except BaseException:
            self.failed.append(f"{model}: {what}: {step.detail}")
            raise

    def skip(self, steps: int) -> None:
        self.total -= steps

    def end(self) -> None:
        self.ended += 1


@dataclass
class Stage:
    """Everything a run needs, and what each part of it does."""

    folder: Path
    session: FakeSession = field(default_factory=FakeSession)
    watched: Watched = field(default_factory=Watched)
    models: dict[str, Converted | BaseException] = field(default_factory=dict)
    catalogs: list[Catalog] = field(default_factory=list)
    without: list[tuple[str, ...]] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    make_fails: TfjsciError | None = None

    def run(
        self,
        manifest: str = MANIFEST,
        *,
        models: Sequence[str] = (),
        only: Sequence[str] = (),
        **options: Any,
    ) -> RunResult:
        path = self.folder / "tfjsci.yml"
        path.write_text(manifest)
        plan = make_plan(load_manifest(path), output=self.folder / "out", models=models, only=only, **options)

        def make(tfjs: str) -> FakeSession:
            self.made.append(tfjs)
            if self.make_fails:
                raise self.make_fails
            return self.session

        times = iter(datetime(2026, 1, 1, 0, 0, second, tzinfo=timezone.utc) for second in range(60))
        with Sessions(make) as sessions:
            world = World(sessions=sessions, progress=self.watched, now=lambda: next(times))
            return run_manifest(plan, world, manifest_name="tfjsci.yml")


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    made = Stage(folder=tmp_path)

    def convert(source: Path, *, catalog: Catalog, without_rules: Sequence[str], **kwargs: object) -> Converted:
        made.catalogs.append(catalog)
        made.without.append(tuple(without_rules))
        answer = made.models.get(source.stem, converted())
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def write_variant(
        model: Converted, folder: Path, *, quantization: Quantization | None = None, shard_bytes: int
    ) -> Written:
        failure = made.models.get(f"write {folder.parent.name}/{folder.name}")
        if isinstance(failure, BaseException):
            raise failure
        return write_artifact(
            model.graph,
            inputs=model.inputs,
            outputs=model.outputs,
            folder=folder,
            quantization=quantization,
            shard_bytes=shard_bytes,
        )

    def run_reference(loaded: LoadedGraph, samples: Sequence[Mapping[str, Array]]) -> list[dict[str, Array]]:
        return [dict(loaded.original(sample)) for sample in samples]

    # The three that need TensorFlow; the rest of the line is the real thing.
    monkeypatch.setattr(pipeline, "convert", convert)
    monkeypatch.setattr(pipeline, "write_variant", write_variant)
    monkeypatch.setattr(pipeline, "run_reference", run_reference)
    return made


def failures(model: ModelResult) -> list[tuple[str, str, str | None, str | None]]:
    return [(f.stage, f.code, f.variant, f.backend) for f in model.failures]


# --- all is well -----------------------------------------------------------------------------------------------------


def test_a_run_in_which_all_is_well(stage: Stage) -> None:
    result = stage.run()
    assert result.exit_code == 0
    assert result.outcome == "pass"
    assert result.started_at == "2026-01-01T00:00:00+00:00"
    assert result.duration_seconds == 1.0
    a, b = result.models
    assert [artifact.variant for artifact in a.artifacts] == ["float", "float16"]
    assert [(c.kind, c.variant, c.environment.backend) for c in a.comparisons] == [
        ("conversion", "float", "wasm"),
        ("quantized", "float16", "wasm"),
        ("conversion", "float", "cpu"),
        ("quantized", "float16", "cpu"),
    ]
    assert len(a.benchmarks) == 4
    assert a.failures == b.failures == ()
    assert "a note of the converter" in a.notes
    assert stage.watched.steps[:6] == [
        "a: convert",
        "a: check ops for wasm, cpu",
        "a: write float",
        "a: quantize float16",
        "a: prepare inputs",
        "a: verify the rewriting in TensorFlow",
    ]
    assert a.verification == Verification(status="same")
    assert stage.session.closed == 1
    assert (stage.folder / "out" / "models" / "a" / "float16" / "model.json").is_file()


def test_as_many_steps_as_were_announced(stage: Stage) -> None:
    stage.run()
    assert stage.watched.total == len(stage.watched.steps) == 15 + 10
    assert stage.watched.ended == 1


@pytest.mark.parametrize(
    ("only", "steps"),
    [
        (["convert"], 2 + 1),
        (["check"], 3 + 2),
        (["quantize"], 3 + 2 - 0),
        (["verify"], 2 + 2),
        (["compare"], 2 + 2 + 2),
        (["benchmark"], 2 + 1 + 2),
        (["quantize", "compare"], 3 + 2 + 4),
    ],
)
def test_only_some_stages(stage: Stage, only: list[str], steps: int) -> None:
    result = stage.run(only=only, models=["a"])
    assert result.exit_code == 0
    assert [model.name for model in result.models] == ["a"]
    assert result.stages[0] == "convert"
    assert set(result.stages) == {"convert", *only}
    assert stage.watched.total == len(stage.watched.steps)
    kinds = {step.removeprefix("a: ").split()[0] for step in stage.watched.steps}
    assert ("compare" in kinds) == ("compare" in only)
    assert ("benchmark" in kinds) == ("benchmark" in only)
    assert ("check" in kinds) == ("check" in only)
    assert ("verify" in kinds) == ("verify" in only)
    if not {"compare", "benchmark"} & set(only):
        assert stage.made == [], "no browser is started for nothing"


def test_no_benchmark_when_the_manifest_has_none(stage: Stage) -> None:
    result = stage.run("version: 1\nmodels: [{name: a, source: a.keras, backends: [cpu], benchmark: false}]\n")
    assert result.models[0].benchmarks == ()
    assert stage.watched.total == len(stage.watched.steps)


# --- a model fails ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", [MissingModel("gone", hint="look"), ConversionFailed("no"), MemoryError("much"), ValueError("bug")]
)
def test_a_model_that_cannot_be_converted_leaves_the_next_alone(stage: Stage, error: Exception) -> None:
    stage.models["a"] = error
    result = stage.run()
    a, b = result.models
    expected = isinstance(error, TfjsciError)
    assert failures(a) == [("convert", error.code if isinstance(error, TfjsciError) else "bug", None, None)]
    assert (a.outcome, b.outcome) == ("fail", "pass")
    assert result.exit_code == (1 if expected else 70)
    assert len(b.benchmarks) == 2
    assert stage.watched.total == len(stage.watched.steps)
    if isinstance(error, MissingModel):
        assert a.failures[0] == Failure(stage="convert", code="missing-model", exit_code=1, message="gone", hint="look")
    if not expected:
        assert "report it" in str(a.failures[0].hint)
        assert type(error).__name__ in a.failures[0].message


def test_unsupported_ops_stop_the_model_before_anything_is_written(stage: Stage) -> None:
    op = UnsupportedOp(
        op="LRN", reason="no kernel", hint="Use another.", backends=("cpu",), nodes=("n",), layers=("l",)
    )
    stage.models["a"] = converted(unsupported=(op,))
    a, b = stage.run().models
    assert failures(a) == [("check", "unsupported-ops", None, None)]
    assert "LRN" in a.failures[0].message
    assert a.op_check is not None
    assert a.op_check.unsupported == (op,), "the report shows them all"
    assert a.artifacts == ()
    assert not (stage.folder / "out" / "models" / "a").exists()
    assert b.outcome == "pass"
    assert stage.watched.total == len(stage.watched.steps)


def test_a_variant_that_cannot_be_written_costs_itself(stage: Stage) -> None:
    stage.models["write a/float16"] = ConversionFailed("float16 would quantise no weight")
    a, _ = stage.run().models
    assert failures(a) == [("quantize", "conversion-failed", "float16", None)]
    assert [artifact.variant for artifact in a.artifacts] == ["float"]
    assert [c.variant for c in a.comparisons] == ["float", "float"]
    assert stage.watched.total == len(stage.watched.steps)


def test_a_full_disk_is_the_environments_fault(stage: Stage) -> None:
    stage.models["write a/float"] = OutputUnwritable("the disk is full")
    result = stage.run()
    assert failures(result.models[0]) == [("convert", "output-unwritable", "float", None)]
    assert result.exit_code == 3


def test_a_reference_that_fails_still_lets_variants_be_benchmarked(stage: Stage) -> None:
    def fails(arrays: Mapping[str, Array]) -> dict[str, Array]:
        raise ReferenceFailed("no")

    stage.models["a"] = converted(original=fails)
    a, _ = stage.run().models
    assert failures(a) == [("reference", "reference-failed", None, None)]
    assert a.comparisons == ()
    assert len(a.benchmarks) == 4
    assert stage.watched.total == len(stage.watched.steps)


def test_inputs_that_do_not_fit(stage: Stage) -> None:
    stage.run()
    np.savez(stage.folder / "in.npz", wrong=np.zeros(3))
    result = stage.run(MANIFEST.replace("b.keras}", "b.keras, inputs: {x: in.npz}}"))
    a, b = result.models
    assert failures(b) == [("inputs", "bad-inputs", None, None)]
    assert a.outcome == "pass"
    assert [artifact.variant for artifact in b.artifacts] == ["float"]
    assert b.comparisons == b.benchmarks == ()
    assert result.exit_code == 1


# --- the rewriting is verified ---------------------------------------------------------------------------------------


def test_a_rewriting_that_changes_numbers_is_a_bug_of_ours_and_the_model_is_compared_all_the_same(stage: Stage) -> None:
    stage.models["a"] = converted(rewritten=graph(KERNEL * np.float32(1.01)))
    result = stage.run()
    a, b = result.models
    assert failures(a) == [("verify", "rewrite-bug", None, None)]
    assert (a.failures[0].exit_code, result.exit_code, a.outcome, b.outcome) == (70, 70, "fail", "pass")
    assert "output y: its SQNR is 40.0 dB, and 80 dB would be float noise" in a.failures[0].message
    assert a.failures[0].hint is not None
    assert a.failures[0].hint.endswith("Please report it, with the log file, and go on now with --no-verify.")
    assert a.verification is not None
    assert (a.verification.status, a.verification.output, a.verification.stage) == ("different", "y", None)
    assert len(a.comparisons) == len(a.benchmarks) == 4
    assert stage.watched.total == len(stage.watched.steps)


def test_one_that_rounds_elsewhere_is_none(stage: Stage) -> None:
    stage.models["a"] = converted(rewritten=graph(KERNEL * np.float32(1 + 1e-6)))
    a, _ = stage.run().models
    assert a.failures == ()
    assert a.verification is not None
    assert a.verification.status == "same"
    assert 115 < (a.verification.sqnr_db or 0) < 125


def test_what_cannot_be_run_is_told_and_fails_nothing(stage: Stage) -> None:
    nodes = tuple(replace(node, op="Conv3D") if node.name == "y" else node for node in graph().nodes)
    stage.models["a"] = converted(rewritten=replace(graph(), nodes=nodes))
    a, _ = stage.run().models
    reason = "the rewritten graph can't be run in TensorFlow: numpy has no Conv3D"
    assert a.verification == Verification(status="unverified", reason=reason)
    assert f"the rewriting wasn't verified: {reason}" in a.notes
    assert (a.failures, a.outcome) == ((), "pass")


def test_without_verifying_it_is_not_told_of(stage: Stage) -> None:
    a, _ = stage.run(verify=False).models
    assert a.verification is None
    assert not any("verify" in step for step in stage.watched.steps)
    assert stage.watched.total == len(stage.watched.steps) == 14 + 9


def test_rules_are_left_out_as_the_manifest_and_the_command_say(stage: Stage) -> None:
    manifest = MANIFEST.replace("b.keras}", "b.keras, without_rules: [fuse_bias]}")
    stage.run(manifest, without_rules=["fold_scale", "fuse_bias"], only=["convert"])
    assert stage.without == [("fold_scale", "fuse_bias"), ("fuse_bias", "fold_scale")]


# --- the browser -----------------------------------------------------------------------------------------------------


def test_a_job_that_fails_costs_itself(stage: Stage) -> None:
    stage.session.broken["predict", "a/float16", "wasm"] = BrowserJobFailed("the page threw")
    stage.session.broken["time", "a/float", "cpu"] = BrowserJobFailed("hung")
    result = stage.run()
    a, b = result.models
    assert failures(a) == [
        ("compare", "browser-job-failed", "float16", "wasm"),
        ("benchmark", "browser-job-failed", "float", "cpu"),
    ]
    assert len(a.comparisons) == 3
    assert len(a.benchmarks) == 3
    assert b.outcome == "pass"
    assert result.exit_code == 1
    assert result.failures == ()


def test_without_floats_answer_nothing_is_held_against_it(stage: Stage) -> None:
    stage.session.broken["predict", "a/float", "wasm"] = BrowserJobFailed("the page threw")
    a, _ = stage.run().models
    assert ("predict", "a/float16", "wasm") not in stage.session.asked
    assert [(c.variant, c.environment.backend) for c in a.comparisons] == [("float", "cpu"), ("float16", "cpu")]
    assert stage.watched.total == len(stage.watched.steps)


def test_a_backend_that_is_not_there_is_asked_for_once(stage: Stage) -> None:
    for model in ("a/float", "b/float"):
        stage.session.broken["predict", model, "wasm"] = BackendUnavailable(
            "wasm can't run here", hint="Update the browser."
        )
    result = stage.run()
    on_wasm = [asked for asked in stage.session.asked if asked[2] == "wasm"]
    assert on_wasm == [("predict", "a/float", "wasm")]
    a, b = result.models
    assert {f.code for f in (*a.failures, *b.failures)} == {"backend-unavailable"}
    assert {f.backend for f in (*a.failures, *b.failures)} == {"wasm"}
    assert {f.hint for f in (*a.failures, *b.failures)} == {"Update the browser."}
    assert len(a.comparisons) == 2, "cpu goes on"
    assert len(b.benchmarks) == 1
    assert [(f.stage, f.code, f.exit_code) for f in result.failures] == [("environment", "backend-unavailable", 3)]
    assert result.exit_code == 3
    assert stage.watched.total == len(stage.watched.steps)


@pytest.mark.parametrize("error", [BrowserMissing("no browser"), RuntimeMissing("no files")])
def test_without_a_browser_everything_else_is_done(stage: Stage, error: TfjsciError) -> None:
    stage.make_fails = error
    result = stage.run()
    assert len(stage.made) == 1
    a, b = result.models
    assert [artifact.variant for artifact in a.artifacts] == ["float", "float16"]
    assert b.artifacts
    assert a.comparisons == b.comparisons == ()
    assert {f.code for f in (*a.failures, *b.failures)} == {error.code}
    assert [f.code for f in result.failures] == [error.code]
    assert result.exit_code == 3


def test_a_browser_that_cannot_be_started_is_not_tried_again(stage: Stage) -> None:
    stage.session.broken["predict", "a/float", "wasm"] = BrowserMissing("it didn't start")
    result = stage.run()
    assert len(stage.session.asked) == 1
    assert result.exit_code == 3
    assert len(result.failures) == 1


def test_an_error_nobody_foresaw_is_a_bug_and_the_others_go_on(stage: Stage) -> None:
    stage.session.broken["predict", "a/float", "cpu"] = ZeroDivisionError("division by zero")
    result = stage.run()
    a, b = result.models
    assert failures(a) == [("compare", "bug", "float", "cpu")]
    assert a.failures[0].message == "a bug of tfjsci: ZeroDivisionError: division by zero"
    assert result.exit_code == 70
    assert b.outcome == "pass"
    assert len(a.benchmarks) == 4


def test_a_bug_in_judging_costs_the_model_alone(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    real = pipeline.judge

    def judge(spec: object, *args: object) -> object:
        if getattr(spec, "name", None) == "a":
            raise ZeroDivisionError("oh")
        return real(spec, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline, "judge", judge)
    result = stage.run()
    a, b = result.models
    assert failures(a) == [("judge", "bug", None, None)]
    assert len(a.benchmarks) == 4, "what was measured is kept"
    assert b.outcome == "pass"
    assert result.exit_code == 70


# --- several things at once ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        (MissingModel("x"), BackendUnavailable("y"), 3),
        (MissingModel("x"), ZeroDivisionError("y"), 70),
        (OutputUnwritable("x"), ZeroDivisionError("y"), 70),
        (MissingModel("x"), BrowserJobFailed("y"), 1),
    ],
)
def test_the_gravest_exit_code_wins(stage: Stage, first: Exception, second: Exception, code: int) -> None:
    stage.models["a"] = first
    stage.session.broken["predict", "b/float", "wasm"] = second
    assert stage.run().exit_code == code


def test_a_missed_gate_is_a_failure_and_a_warning_is_none(stage: Stage) -> None:
    budget = "budget: {download_bytes: 10 B}"
    result = stage.run(f"version: 1\nmodels: [{{name: a, source: a.keras, backends: [cpu], {budget}}}]\n")
    assert (result.exit_code, result.outcome) == (1, "fail")
    assert result.models[0].failures == ()
    result = stage.run(
        f"version: 1\nmodels: [{{name: a, source: a.keras, backends: [cpu], {budget}, level: {{default: warn}}}}]\n"
    )
    assert (result.exit_code, result.outcome) == (0, "warn")


@pytest.mark.parametrize("where", ["convert", "write", "predict", "time"])
def test_ctrl_c_passes_through_and_ends_the_browser(stage: Stage, where: str) -> None:
    if where == "convert":
        stage.models["b"] = KeyboardInterrupt()
    elif where == "write":
        stage.models["write b/float"] = KeyboardInterrupt()
    else:
        stage.session.broken[where, "a/float", "cpu"] = KeyboardInterrupt()  # type: ignore[index]
    with pytest.raises(KeyboardInterrupt):
        stage.run()
    assert stage.watched.ended == 1, "the terminal is as it was"
    assert stage.session.closed == 1


# --- sessions --------------------------------------------------------------------------------------------------------


def test_one_session_per_release_and_all_are_ended_even_if_one_cannot_be(tmp_path: Path) -> None:
    made: dict[str, FakeSession] = {}

    class Stubborn(FakeSession):
        def close(self) -> None:
            super().close()
            raise RuntimeError("it won't go")

    def make(tfjs: str) -> FakeSession:
        made[tfjs] = Stubborn() if tfjs == "4.0.0" else FakeSession()
        return made[tfjs]

    sessions = Sessions(make)
    first = sessions.get("4.0.0", "cpu")
    assert sessions.get("4.0.0", "wasm") is first
    assert sessions.get("4.22.0", "cpu") is not first
    with pytest.raises(RuntimeError, match="won't go"):
        sessions.close()
    assert [session.closed for session in made.values()] == [1, 1]
    sessions.close()
    assert [session.closed for session in made.values()] == [1, 1]


def test_a_release_that_is_missing_leaves_the_other_alone() -> None:
    def make(tfjs: str) -> FakeSession:
        if tfjs == "1.0.0":
            raise RuntimeMissing("no such release")
        return FakeSession()

    sessions = Sessions(make)
    for _ in range(2):
        with pytest.raises(RuntimeMissing, match="no such release"):
            sessions.get("1.0.0", "cpu")
    assert sessions.get("4.22.0", "cpu")
    sessions.remember("4.22.0", "wasm", BackendUnavailable("no wasm"))
    assert sessions.get("4.22.0", "cpu")
    with pytest.raises(BackendUnavailable, match="no wasm"):
        sessions.get("4.22.0", "wasm")
    assert [error.message for error in sessions.failures] == ["no such release", "no wasm"]


# --- what the release runs -------------------------------------------------------------------------------------------

RELEASE = {
    "versions": {"tfjs": "4.6.0", "tfjs-core": "4.6.0"},
    "kernels": {backend: ["Relu"] for backend in ("webgl", "webgpu", "wasm", "cpu")},
    "ops": {"Relu": {"category": "basic_math", "kernels": ["Relu"]}},
}
OTHER_RELEASE = "version: 1\ndefaults: {tfjs: 4.6.0, backends: [wasm], benchmark: off}\nmodels:\n"
OTHER_RELEASE += "  - {name: a, source: a.keras}\n  - {name: b, source: b.keras}\n"


def test_the_release_of_the_package_is_asked_nothing(stage: Stage) -> None:
    stage.run(only=["convert"])
    assert stage.catalogs == [load_catalog()] * 2
    assert (stage.made, stage.session.described) == ([], 0)


def test_another_release_is_asked_once_what_it_runs(stage: Stage) -> None:
    stage.session.release = RELEASE
    assert stage.run(OTHER_RELEASE).exit_code == 0
    assert [catalog.version for catalog in stage.catalogs] == ["4.6.0", "4.6.0"]
    assert [list(catalog.ops) for catalog in stage.catalogs] == [["Relu"], ["Relu"]]
    assert (stage.made, stage.session.described) == (["4.6.0"], 1)


@pytest.mark.parametrize(
    ("error", "asked", "code", "exit_code"),
    [
        (BrowserMissing("no browser"), 1, "browser-missing", 3),
        (BrowserJobFailed("the page hung"), 2, "browser-job-failed", 1),
    ],
)
def test_a_release_that_cannot_be_asked_fails_its_models(
    stage: Stage, error: TfjsciError, asked: int, code: str, exit_code: int
) -> None:
    stage.session.release = error
    result = stage.run(OTHER_RELEASE)
    assert [failures(model) for model in result.models] == [[("convert", code, None, None)]] * 2
    assert stage.session.described == asked, "what the machine lacks is not looked for again"
    assert result.exit_code == exit_code


def test_a_release_that_is_not_installed_fails_its_models(stage: Stage) -> None:
    stage.make_fails = RuntimeMissing("TensorFlow.js 4.6.0 is not here")
    result = stage.run(OTHER_RELEASE)
    assert [failures(model) for model in result.models] == [[("convert", "runtime-missing", None, None)]] * 2
    assert (stage.made, result.exit_code) == (["4.6.0"], 3)


# --- custom ops ------------------------------------------------------------------------------------------------------

CUSTOM = """
version: 1
defaults: {backends: [cpu], benchmark: {warmup: 1, runs: 2}, custom_ops: {MatMul: js/my.js, Unused: js/unused.js}}
models:
  - {name: a, source: a.keras, quantize: [float16]}
"""


def my_script(stage: Stage) -> CustomScript:
    path = stage.folder / "js" / "my.js"
    path.parent.mkdir()
    path.write_text("tf.registerOp('MatMul', …)")
    return CustomScript(path=path, name="js/my.js", ops=("MatMul",))


def test_each_job_of_the_browser_has_the_scripts_of_the_ops_that_are_used(stage: Stage) -> None:
    script = my_script(stage)
    result = stage.run(CUSTOM, allow_code=True)
    assert result.exit_code == 0
    assert stage.session.ran == [("predict", (script,))] * 2 + [("time", (script,))] * 2
    assert "MatMul is a custom op, registered by js/my.js" in result.models[0].notes
    assert not any("Unused" in note for note in result.models[0].notes)
    assert [catalog.custom for catalog in stage.catalogs] == [{"MatMul", "Unused"}]


def test_scripts_do_not_run_unless_the_command_allows_code(stage: Stage) -> None:
    my_script(stage)
    (model,) = stage.run(CUSTOM).models
    assert failures(model) == [("convert", "code-refused", None, None)]
    assert "js/my.js (for MatMul)" in model.failures[0].message
    assert "--allow-code" in (model.failures[0].hint or "")
    assert (stage.session.asked, model.artifacts) == ([], ())


def test_a_model_without_custom_ops_needs_no_permission(stage: Stage) -> None:
    result = stage.run(CUSTOM.replace("MatMul: js/my.js, ", ""))
    assert result.exit_code == 0
    assert stage.session.ran == []


def test_a_model_that_is_only_converted_runs_no_script_and_needs_none(stage: Stage) -> None:
    result = stage.run(CUSTOM, only=["convert", "check", "quantize"])
    assert result.exit_code == 0
    assert "MatMul is a custom op, registered by js/my.js" in result.models[0].notes


def test_a_script_that_is_missing_is_told_before_anything_runs(stage: Stage) -> None:
    (model,) = stage.run(CUSTOM, allow_code=True).models
    assert failures(model) == [("convert", "missing-script", None, None)]
    assert model.failures[0].message == "there is no file js/my.js, which should register MatMul"
    assert stage.session.asked == []
