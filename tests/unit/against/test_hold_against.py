"""A model held against bases that are made here: what is raced, what isn't and why, and that nothing of it raises."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from unit.report.fixtures import ENVIRONMENTS, artifact, comparison, model_spec, output, run_result

from tfjsci.against import base as base_module
from tfjsci.against.against import Head, hold_against
from tfjsci.against.base import (
    BaseModel,
    FolderBase,
    NewModelError,
    RefBase,
    dropped_models,
    open_base,
    why_not_the_bases_files,
)
from tfjsci.against.numbers import Answers
from tfjsci.against.worktree import NoBaseError
from tfjsci.artifact.artifact import Artifact
from tfjsci.baseline.comparison import BaselineComparison, BaseOrigin, DroppedModels
from tfjsci.baseline.source import BaseFolder
from tfjsci.browser.protocol import CustomScript, MemoryUse, Prediction, Timing
from tfjsci.catalog.catalog import Catalog, load_catalog
from tfjsci.dtypes import Backend
from tfjsci.errors import BackendUnavailable, BrowserJobFailed, CodeRefused
from tfjsci.load.load import LoadOptions
from tfjsci.manifest.resolved import BenchmarkSpec, ModelSpec
from tfjsci.plan import STAGE_NAMES, baseline_steps_of
from tfjsci.progress import Step
from tfjsci.results.run_result import ModelResult
from tfjsci.results.store import write_results
from tfjsci.sessions import Sessions

Inputs = Mapping[str, npt.NDArray[np.generic]]
ORIGIN = BaseOrigin(kind="ref", name="origin/main", commit="c" * 40)
SPEC = model_spec("digits", backends=("wasm",), quantize=(), benchmark=BenchmarkSpec(warmup=1, runs=6))
X: Inputs = {"images": np.zeros((1, 8, 8, 1), np.float32)}


@dataclass
class Track:
    """A browser in which the base takes 10 ms and the head ``head_ms``, or that raises."""

    head_ms: float = 20.0
    error: Exception | None = None
    asked: list[tuple[str, ...]] = field(default_factory=list)
    ran: list[tuple[CustomScript, ...]] = field(default_factory=list)

    def race(
        self,
        models: Sequence[Path],
        backend: Backend,
        inputs: Inputs,
        *,
        warmup: int,
        runs: int,
        deadline_seconds: float,
        scripts: Sequence[CustomScript] = (),
    ) -> list[Timing]:
        self.ran.append(tuple(scripts))
        self.asked.append((backend, *(str(model) for model in models)))
        if self.error:
            raise self.error
        memory = MemoryUse(tensors=1, bytes=4)
        return [
            Timing(
                load_ms=1.0, first_inference_ms=1.0, warmup_ms=(ms,) * warmup, steady_ms=(ms,) * runs,
                memory_before=memory, memory_after=memory, environment=ENVIRONMENTS[backend],
            )
            for ms in (10.0, self.head_ms)
        ]  # fmt: skip

    def predict(
        self,
        model: Path,
        backend: Backend,
        inputs: Sequence[Inputs],
        *,
        deadline_seconds: float,
        scripts: Sequence[CustomScript] = (),
    ) -> list[Prediction]:
        self.ran.append(tuple(scripts))
        self.asked.append(("predict", backend, str(model)))
        if self.error:
            raise self.error
        outputs: Inputs = {"y": np.float32([[1.0, 3.0]])}
        return [Prediction(outputs=outputs, environment=ENVIRONMENTS[backend]) for _ in inputs]

    def close(self) -> None:
        """Nothing."""


@dataclass
class Watched:
    """The lines that a user sees, and how many were taken back."""

    lines: list[str] = field(default_factory=list)
    skipped: int = 0

    def begin(self, steps: int) -> None: ...

    @contextmanager
    def step(self, model: str, what: str):  # type: ignore[no-untyped-def]
        step = Step()
        yield step
        self.lines.append(f"{model}: {what}: {step.detail}")

    def skip(self, steps: int) -> None:
        self.skipped += steps

    def end(self) -> None: ...


@dataclass(frozen=True)
class Given:
    """A base that answers with what it was given."""

    answer: BaseModel | Exception
    unclear: str | None = None
    origin: BaseOrigin = ORIGIN
    models: Mapping[str, object] = field(default_factory=dict)

    def model(self, spec: ModelSpec, variants: Sequence[str], catalog: Catalog | None = None) -> BaseModel:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def on_disk(folder: Path, content: bytes, **changes: object) -> Artifact:
    """An artifact whose files are there and are what its digest says."""
    folder.mkdir(parents=True)
    (folder / "model.json").write_bytes(content)
    made = replace(
        artifact("digits", "float", 1000), path=folder, shards=(), sha256=hashlib.sha256(content).hexdigest()
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def held(
    base: Given,
    head: Sequence[Artifact],
    *,
    track: Track | None = None,
    spec: ModelSpec = SPEC,
    timed: Inputs | None = X,
    scripts: tuple[CustomScript, ...] = (),
    answers: Answers | None = None,
) -> tuple[BaselineComparison, Watched]:
    watched = Watched()
    with Sessions(lambda tfjs: track or Track()) as sessions:  # type: ignore[arg-type, return-value]
        found = hold_against(
            base, spec, Head(artifacts=tuple(head), comparisons=(), timed=timed, scripts=scripts, answers=answers),
            stages=STAGE_NAMES, sessions=sessions, progress=watched,
        )  # fmt: skip
    assert len(watched.lines) + watched.skipped == baseline_steps_of(spec, STAGE_NAMES), "as many lines as announced"
    assert sessions.failures == (), "a base's trouble is not the run's"
    return found, watched


def test_changed_artifacts_take_turns_in_one_browser_base_first(tmp_path: Path) -> None:
    before, now = on_disk(tmp_path / "base", b"before"), on_disk(tmp_path / "head", b"now")
    track = Track()
    found, watched = held(Given(BaseModel(artifacts=(before,))), [now], track=track)
    (time,) = found.times
    assert (time.verdict, time.ratio) == ("slower", pytest.approx(2.0))
    assert track.asked == [("wasm", str(before.path), str(now.path))]
    assert watched.lines == [
        "digits: get the base's model: float",
        "digits: race float with the base on wasm: 2.00 ×, slower",
    ]
    assert found.changed
    assert found.unclear is None


def test_a_race_runs_the_scripts_of_this_run(tmp_path: Path) -> None:
    before, now = on_disk(tmp_path / "base", b"before"), on_disk(tmp_path / "head", b"now")
    track, script = Track(), CustomScript(path=tmp_path / "my.js", name="my.js", ops=("My",))
    held(Given(BaseModel(artifacts=(before,))), [now], track=track, scripts=(script,))
    assert track.ran == [(script,)]


def test_identical_artifacts_are_not_raced(tmp_path: Path) -> None:
    before, now = on_disk(tmp_path / "base", b"same"), on_disk(tmp_path / "head", b"same")
    track = Track()
    found, _ = held(Given(BaseModel(artifacts=(before,))), [now], track=track)
    assert ([time.verdict for time in found.times], track.asked, found.changed) == (["identical"], [], False)


def test_a_new_variant_is_told_and_not_raced(tmp_path: Path) -> None:
    before, now = on_disk(tmp_path / "base", b"before"), on_disk(tmp_path / "head", b"now")
    new = replace(now, variant="uint8")
    found, _ = held(Given(BaseModel(artifacts=(before,))), [now, new])
    assert [(each.variant, each.base is None) for each in found.variants] == [("float", False), ("uint8", True)]
    assert [time.variant for time in found.times] == ["float"]


def test_nothing_is_raced_where_nothing_is_to_be_timed(tmp_path: Path) -> None:
    before, now = on_disk(tmp_path / "base", b"before"), on_disk(tmp_path / "head", b"now")
    base = Given(BaseModel(artifacts=(before,)))
    for found, _ in (held(base, [now], timed=None), held(base, [now], spec=replace(SPEC, benchmark=None))):
        assert (found.times, found.changed) == ((), True)


def test_other_inputs_are_incomparable_but_the_sizes_still_differ(tmp_path: Path) -> None:
    before, now = on_disk(tmp_path / "base", b"before", inputs=()), on_disk(tmp_path / "head", b"now")
    found, _ = held(Given(BaseModel(artifacts=(before,))), [now])
    assert [(time.verdict, time.reason) for time in found.times] == [("incomparable", "the input images is new")]
    assert len(found.variants) == 1


@pytest.mark.parametrize(
    "error", [BrowserJobFailed("the page hung"), BackendUnavailable("no webgl here"), ValueError("a bug")]
)
def test_a_race_that_breaks_is_a_reason_and_no_failure(tmp_path: Path, error: Exception) -> None:
    before, now = on_disk(tmp_path / "base", b"before"), on_disk(tmp_path / "head", b"now")
    found, _ = held(Given(BaseModel(artifacts=(before,))), [now], track=Track(error=error))
    (time,) = found.times
    assert time.verdict == "incomparable"
    assert str(error).splitlines()[0] in (time.reason or "")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (NoBaseError("the base has no artifact of this model"), "the base has no artifact of this model"),
        (CodeRefused("a Lambda layer\nwith code"), "a Lambda layer"),
        (ZeroDivisionError("oh"), "a bug of tfjsci: ZeroDivisionError: oh"),
    ],
)
def test_a_base_that_cant_be_had_is_unclear(tmp_path: Path, error: Exception, words: str) -> None:
    found, watched = held(Given(error), [on_disk(tmp_path / "head", b"now")])
    assert found == BaselineComparison(origin=ORIGIN, unclear=words)
    assert watched.lines == [f"digits: get the base's model: {words}"]


def test_a_model_that_the_base_hasnt_is_new(tmp_path: Path) -> None:
    found, watched = held(
        Given(NewModelError("the base has no model of this name")), [on_disk(tmp_path / "head", b"now")]
    )
    assert (found.unclear, found.new, found.changed, found.times) == (None, True, True, ())
    assert [(each.variant, each.base) for each in found.variants] == [("float", None)]
    assert watched.lines == ["digits: get the base's model: the base has no model of this name"]


def test_a_missing_base_is_not_asked_model_by_model(tmp_path: Path) -> None:
    found, watched = held(
        Given(AssertionError("asked"), unclear="no such commit"), [on_disk(tmp_path / "head", b"now")]
    )
    assert (found.unclear, watched.lines) == ("no such commit", [])


def test_ops_that_cant_run_keep_the_base_from_the_browser(tmp_path: Path) -> None:
    before, now = on_disk(tmp_path / "base", b"before"), on_disk(tmp_path / "head", b"now")
    track = Track()
    found, _ = held(Given(BaseModel(artifacts=(before,), cant_run="ops that can't run: Qr")), [now], track=track)
    assert ([time.reason for time in found.times], track.asked) == (["ops that can't run: Qr"], [])


# --- the base's files --------------------------------------------------------------------------------------------------


def test_files_that_are_not_what_the_results_tell_of_are_not_run(tmp_path: Path) -> None:
    made = on_disk(tmp_path / "base", b"before")
    assert why_not_the_bases_files(made) is None
    (made.path / "model.json").write_bytes(b"swapped")
    assert why_not_the_bases_files(made) == "the base's files aren't those that its results tell of"
    assert "isn't beside its results: No such file" in (why_not_the_bases_files(replace(made, shards=("x.bin",))) or "")
    (tmp_path / "secret").write_bytes(b"x")
    for name in ("../secret", str(tmp_path / "secret")):
        assert (
            why_not_the_bases_files(replace(made, shards=(name,)))
            == "a file of the base's artifact leads out of its folder"
        )
    (made.path / "link.bin").symlink_to(tmp_path / "secret")
    assert (
        why_not_the_bases_files(replace(made, shards=("link.bin",)))
        == "a file of the base's artifact leads out of its folder"
    )


# --- an earlier run's folder -------------------------------------------------------------------------------------------


def earlier(folder: Path) -> ModelResult:
    return ModelResult(
        name="digits",
        source="digits.keras",
        line=3,
        outcome="pass",
        artifacts=(replace(artifact("digits", "float", 1000), path=folder / "models" / "digits" / "float"),),
        comparisons=(comparison("float", "wasm", output(90.0)),),
    )


def test_an_earlier_run_gives_its_artifacts_with_their_folders_and_its_numbers(tmp_path: Path) -> None:
    write_results(run_result(earlier(tmp_path)), tmp_path / "results.json")
    with open_base(BaseFolder(path=tmp_path)) as base:
        assert isinstance(base, FolderBase)
        found = base.model(SPEC, ["float"])
        assert [each.path for each in found.artifacts] == [tmp_path / "models" / "digits" / "float"]
        assert len(found.comparisons) == 1
        assert base.model(SPEC, ["uint8"]).artifacts == ()
        assert found.notes == ()
        with pytest.raises(NewModelError, match="the base has no model of this name"):
            base.model(model_spec("other"), ["float"])


def test_a_variant_that_the_manifest_hasnt_any_more_is_told_and_one_that_wasnt_made_is_not(tmp_path: Path) -> None:
    was = earlier(tmp_path)
    more = (replace(was.artifacts[0], variant=name) for name in ("uint8", "float16"))
    base = FolderBase(
        origin=ORIGIN, folder=tmp_path, models={"digits": replace(was, artifacts=(*was.artifacts, *more))}
    )
    spec = replace(SPEC, quantize=tuple(each for each in model_spec("digits").quantize if each.name == "uint8"))
    assert [each.name for each in spec.quantize] == ["uint8"]
    assert base.model(spec, ["float"]).notes == ("float16 is no variant any more",)


def test_models_that_only_the_base_has_are_told_and_those_that_werent_chosen_are_not(tmp_path: Path) -> None:
    write_results(run_result(earlier(tmp_path), replace(earlier(tmp_path), name="old")), tmp_path / "results.json")
    with open_base(BaseFolder(path=tmp_path)) as base:
        assert base is not None
        assert dropped_models(base, ["digits", "added"]) == DroppedModels(origin=base.origin, names=("old",))
        assert dropped_models(base, ["old", "digits"]) is None
    theirs = {"old": model_spec("old"), "digits": SPEC}
    ref = RefBase(origin=ORIGIN, output=tmp_path, models=theirs)
    assert dropped_models(ref, ["digits"]) == DroppedModels(origin=ORIGIN, names=("old",))
    with open_base(BaseFolder(path=tmp_path / "none")) as base:
        assert base is not None
        assert dropped_models(base, ["digits"]) is None, "nobody knows what it had"


def test_a_folder_without_results_or_with_spoilt_ones_is_a_base_that_says_so(tmp_path: Path) -> None:
    with open_base(BaseFolder(path=tmp_path / "none")) as base:
        assert base is not None
        assert "no such file" in (base.unclear or "")
    (tmp_path / "results.json").write_text('{"schema_version": 1}')
    with open_base(BaseFolder(path=tmp_path)) as base:
        assert base is not None
        assert "not results of tfjsci" in (base.unclear or "")
    with open_base(None) as base:
        assert base is None


# --- a commit's models -------------------------------------------------------------------------------------------------


def test_code_of_the_bases_models_never_runs_and_its_own_manifest_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Path, object, LoadOptions, object]] = []

    def convert(source: Path, *, backends: object, options: LoadOptions, catalog: object, **_: object) -> None:
        asked.append((source, backends, options, catalog))
        raise CodeRefused("a Lambda layer")

    monkeypatch.setattr(base_module, "convert", convert)
    theirs = model_spec("digits", source=tmp_path / "old.keras", signature="old")
    base = RefBase(origin=ORIGIN, output=tmp_path, models={"digits": theirs})
    with pytest.raises(CodeRefused):
        base.model(SPEC, ["float"], load_catalog())
    options = LoadOptions(signature="old", allow_code=False)
    assert asked == [(tmp_path / "old.keras", ("wasm",), options, load_catalog())]
    with pytest.raises(NewModelError, match="no model of this name"):
        base.model(model_spec("new"), ["float"])


def answers(*variants: str) -> Answers:
    """This run's outputs on wasm, which the track's base gives 1 and 3 for."""
    calls = [{"y": np.float32([[1.0, 2.0]])}] * 2
    return Answers(backend="wasm", samples=[X, X], outputs=dict.fromkeys(variants, calls))


def test_a_changed_variants_outputs_are_held_against_the_bases(tmp_path: Path) -> None:
    before, now = on_disk(tmp_path / "base", b"old"), on_disk(tmp_path / "head", b"new")
    track = Track()
    found, _ = held(Given(BaseModel(artifacts=(before,))), [now], track=track, timed=None, answers=answers("float"))
    (change,) = found.numbers
    (output_of,) = change.outputs
    assert (change.variant, change.backend, change.reason) == ("float", "wasm", None)
    assert (output_of.output, output_of.max_abs, output_of.samples) == ("y", 1.0, 2)
    assert output_of.sqnr_db == pytest.approx(10.0), "of the base's 1 and 3"
    assert track.asked == [("predict", "wasm", str(before.path))]


def test_nothing_is_run_for_equal_bytes_or_a_variant_that_gave_nothing(tmp_path: Path) -> None:
    before, now = on_disk(tmp_path / "base", b"old"), on_disk(tmp_path / "head", b"new")
    track = Track()
    same, _ = held(Given(BaseModel(artifacts=(before,))), [before], track=track, timed=None, answers=answers("float"))
    failed, _ = held(Given(BaseModel(artifacts=(before,))), [now], track=track, timed=None, answers=answers("uint8"))
    uncompared, _ = held(Given(BaseModel(artifacts=(before,))), [now], track=track, timed=None)
    assert (same.numbers, failed.numbers, uncompared.numbers, track.asked) == ((), (), (), [])


def test_why_outputs_could_not_be_compared_is_told_and_fails_nothing(tmp_path: Path) -> None:
    before, now = on_disk(tmp_path / "base", b"old"), on_disk(tmp_path / "head", b"new")
    base = Given(BaseModel(artifacts=(before,)))
    broken, _ = held(
        base, [now], track=Track(error=BrowserJobFailed("the page threw")), timed=None, answers=answers("float")
    )
    assert [(each.reason, each.outputs) for each in broken.numbers] == [("the page threw", ())]
    (before.path / "model.json").write_bytes(b"exchanged")
    strange, _ = held(base, [now], timed=None, answers=answers("float"))
    assert [each.reason for each in strange.numbers] == ["the base's files aren't those that its results tell of"]
