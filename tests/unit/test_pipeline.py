"""The line, played on a stage: what fails, what goes on, what is told."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from pipeline_stage import MANIFEST, Array, Stage, converted, failures

from tfjsci import pipeline
from tfjsci.catalog.check import UnsupportedOp
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
from tfjsci.results.run_result import Failure
from tfjsci.verify.verification import Verification

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


def test_what_is_true_of_several_variants_is_told_once_with_their_names(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six variants that are packed had six notes that were the same, and none said which it was about."""
    two = MANIFEST.replace("source: a.keras, quantize: [float16]", "source: a.keras, quantize: [float16, uint8]")
    assert two != MANIFEST
    of_scheme = {"float16": ("packed",), "uint8": ("packed", "left as it is")}
    monkeypatch.setattr(pipeline, "quantization_notes", lambda _, wanted: of_scheme[wanted.scheme.name])
    a = stage.run(two).models[0]
    assert [note for note in a.notes if note.endswith(("packed", "as it is"))] == [
        "float16, uint8: packed",
        "uint8: left as it is",
    ]


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


def test_what_an_older_run_made_and_this_one_did_not_is_gone(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that fails isn't to be served from the folder of the run that says so."""
    stage.run()
    models = stage.folder / "out" / "models"
    assert sorted(path.name for path in (models / "a").iterdir()) == ["float", "float16"]
    stage.run(only=["convert"], models=["a"])
    assert sorted(path.name for path in (models / "a").iterdir()) == ["float", "float16"]  # not asked for, and kept
    stage.run(
        MANIFEST.replace("source: a.keras, quantize: [float16]", "source: a.keras, quantize: [uint8]"), models=["a"]
    )
    assert sorted(path.name for path in (models / "a").iterdir()) == ["float", "uint8"]

    def fails(*_: object, **__: object) -> None:
        raise ConversionFailed("no")

    monkeypatch.setattr(pipeline, "convert", fails)
    stage.run(models=["a"])
    assert list((models / "a").iterdir()) == []
    assert sorted(path.name for path in (models / "b").iterdir()) == ["float"]  # of another model, which wasn't run


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
