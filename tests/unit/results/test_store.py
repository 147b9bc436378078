"""What is written is read back the same, whatever it says; what isn't ours is refused with its reason."""

from __future__ import annotations

import json
import math
import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.report import fixtures

from tfjsci.errors import ExitCode, OutputUnwritable, UsageError
from tfjsci.results import store
from tfjsci.results.atomic import write_whole
from tfjsci.results.run_result import RunResult
from tfjsci.results.schema import SCHEMA_FILE, results_schema, schema_text
from tfjsci.results.store import from_text, read_results, to_json, write_results

RUNS = [fixtures.all_pass, fixtures.mixed, fixtures.no_browser, fixtures.hostile]


def changed(run: RunResult, path: str, value: Any) -> str:
    """The file's text with one place, ``models.0.line``, set to something else."""
    data = json.loads(to_json(run, folder=Path()))
    at = data
    *way, last = path.split(".")
    for step in way:
        at = at[int(step)] if step.isdigit() else at[step]
    at[last] = value
    return json.dumps(data)


@pytest.mark.parametrize("run", RUNS)
def test_written_and_read_back_it_is_the_same(run: Any, tmp_path: Path) -> None:
    write_results(run(), tmp_path / "results.json")
    assert read_results(tmp_path / "results.json") == run()


@pytest.mark.parametrize("run", RUNS)
def test_equal_runs_are_equal_files(run: Any) -> None:
    assert to_json(run(), folder=Path()) == to_json(run(), folder=Path())


def test_mappings_are_sorted_and_fields_are_not() -> None:
    model = replace(fixtures.digits(), artifacts=(replace(fixtures.digits().artifacts[0], ops={"b": 1, "a": 2}),))
    data = json.loads(to_json(fixtures.run_result(model), folder=Path()))
    assert list(data)[:4] == ["schema_version", "tfjsci", "manifest", "started_at"]
    assert list(data["models"][0]["artifacts"][0]["ops"]) == ["a", "b"]


@given(st.text(), st.text())
def test_any_text_comes_back_as_it_was(name: str, note: str) -> None:
    model = replace(fixtures.digits(), name=name, notes=(note,))
    back = from_text(to_json(fixtures.run_result(model), folder=Path()), name="results.json").models[0]
    assert (back.name, back.notes) == (name, (note,))


def test_half_a_surrogate_pair_is_replaced_as_no_file_can_hold_it() -> None:
    model = replace(fixtures.digits(), name="a\ud83d\udcffb")
    assert from_text(to_json(fixtures.run_result(model), folder=Path()), name="r").models[0].name == "a\ufffd\ufffdb"


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_written_as_none(number: float) -> None:
    model = fixtures.digits()
    bad = replace(model.comparisons[0].outputs[0], rmse=number)
    model = replace(model, comparisons=(replace(model.comparisons[0], outputs=(bad,)),))
    text = to_json(fixtures.run_result(model), folder=Path())
    assert not {"NaN", "Infinity"} & set(text.replace(",", " ").split())
    assert from_text(text, name="results.json").models[0].comparisons[0].outputs[0].rmse is None


def test_and_where_a_number_has_to_be_it_is_a_bug_not_a_broken_file(tmp_path: Path) -> None:
    run = replace(fixtures.all_pass(), duration_seconds=math.nan)
    with pytest.raises(ValueError, match="duration_seconds"):
        write_results(run, tmp_path / "results.json")
    assert list(tmp_path.iterdir()) == []


class TestPaths:
    def run_at(self, path: Path) -> RunResult:
        model = fixtures.digits()
        return fixtures.run_result(replace(model, artifacts=(replace(model.artifacts[0], path=path),)))

    @pytest.mark.parametrize(
        ("path", "folder"),
        [
            ("{here}/out/models/digits/float", "{here}/out"),
            ("{here}/out/models/digits/float", "out"),
            ("out/models/digits/float", "out"),
            ("models/digits/float", "."),
            ("models/digits/float", "elsewhere"),  # as it was read from another file
        ],
    )
    def test_become_relative_to_the_file(
        self, path: str, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        results = Path(folder.format(here=tmp_path)) / "results.json"
        write_results(self.run_at(Path(path.format(here=tmp_path))), results)
        assert json.loads(results.read_text())["models"][0]["artifacts"][0]["path"] == "models/digits/float"

    def test_outside_of_the_folder_are_a_bug(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="not inside"):
            write_results(self.run_at(tmp_path / "elsewhere"), tmp_path / "out/results.json")

    @pytest.mark.parametrize("path", ["/etc", "../../etc", "models/../../etc"])
    def test_that_lead_outside_are_refused_when_read(self, path: str) -> None:
        text = changed(fixtures.all_pass(), "models.0.artifacts.0.path", path)
        with pytest.raises(UsageError, match=r"models\[0\]\.artifacts\[0\]\.path.*not inside"):
            from_text(text, name="results.json")


class TestRefusals:
    def refused(self, text: str | bytes) -> UsageError:
        with pytest.raises(UsageError) as caught:
            from_text(text, name="results.json")
        assert caught.value.exit_code is ExitCode.USAGE
        assert caught.value.message.startswith("results.json: ")
        return caught.value

    @pytest.mark.parametrize(
        "text",
        [
            b"",
            b"{",
            b"\xff\xfe{}",
            b'{"schema_version": NaN}',
            b'{"a": Infinity}',
            b'"\\ud800"',
            b"[" * 100_000,
        ],
    )
    def test_what_is_no_json(self, text: bytes) -> None:
        assert "not valid JSON" in self.refused(text).message

    def test_half_a_file(self) -> None:
        whole = to_json(fixtures.all_pass(), folder=Path())
        assert "not valid JSON" in self.refused(whole[: len(whole) // 2]).message

    @pytest.mark.parametrize(
        "text",
        ["[]", "1", "null", "{}", '{"schema_version": 1}', '{"schema_version": "1", "tfjsci": "0.1.0"}',
         '{"schema_version": true, "tfjsci": "0.1.0"}'],
    )  # fmt: skip
    def test_json_that_is_something_else(self, text: str) -> None:
        assert "not results of tfjsci" in self.refused(text).message

    def test_a_newer_format(self) -> None:
        error = self.refused('{"schema_version": 2, "tfjsci": "9.0.0\\u001b[2J", "models": "who knows"}')
        assert error.message == ("results.json: written by tfjsci 9.0.0␛[2J in format 2; this one reads up to 1")
        assert "Update tfjsci" in (error.hint or "")

    def test_a_format_that_never_was(self) -> None:
        assert "no format 0" in self.refused('{"schema_version": 0, "tfjsci": "0.1.0"}').message

    @pytest.mark.parametrize(
        ("path", "value", "told"),
        [
            ("models.0.line", "8", "models[0].line"),
            ("models.0.outcome", "fine", "models[0].outcome"),
            ("models.0.benchmarks.0.steady.median_ms", None, "models[0].benchmarks[0].steady.median_ms"),
            ("models.0.comparisons.0.environment.backend", "cuda", "models[0].comparisons[0].environment.backend"),
            ("machine.extra", 1, "machine.extra: unknown key"),
            ("models.0.judgements.0.because", "", "models[0].judgements[0].because: unknown key"),
        ],
    )
    def test_a_file_that_was_changed(self, path: str, value: Any, told: str) -> None:
        assert told in self.refused(changed(fixtures.all_pass(), path, value)).message

    def test_many_problems_are_told_shortly(self) -> None:
        text = changed(fixtures.all_pass(), "models", [{f"key-{n}": 1} for n in range(100)])
        message = self.refused(text).message
        assert len(message.splitlines()) == 12
        assert "more" in message.splitlines()[-1]


class TestFiles:
    def test_that_are_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="no such file"):
            read_results(tmp_path / "results.json")
        with pytest.raises(UsageError, match="can't be read"):
            read_results(tmp_path)

    def test_that_are_too_large(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write_results(fixtures.all_pass(), tmp_path / "results.json")
        size = (tmp_path / "results.json").stat().st_size
        monkeypatch.setattr(store, "SIZE_LIMIT_BYTES", size)
        read_results(tmp_path / "results.json")
        monkeypatch.setattr(store, "SIZE_LIMIT_BYTES", size - 1)
        with pytest.raises(UsageError, match="larger than"):
            read_results(tmp_path / "results.json")

    def test_are_whole_or_as_they_were(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        target = tmp_path / "results.json"
        write_whole(target, "before")

        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OutputUnwritable) as caught:
            write_whole(target, "after")
        assert caught.value.message == f"{target}: can't be written: No space left on device"
        assert caught.value.exit_code is ExitCode.ENVIRONMENT
        assert target.read_text() == "before"
        assert [each.name for each in tmp_path.iterdir()] == ["results.json"]

    def test_leave_nothing_behind_when_interrupted(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupted(_: int) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(os, "fsync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            write_whole(tmp_path / "results.json", "text")
        assert list(tmp_path.iterdir()) == []

    def test_get_their_folder_and_the_usual_rights(self, tmp_path: Path) -> None:
        umask = os.umask(0o022)
        try:
            write_whole(tmp_path / "a/b/results.json", "é\n")
        finally:
            os.umask(umask)
        written = tmp_path / "a/b/results.json"
        assert written.read_bytes() == b"\xc3\xa9\n"
        assert stat.S_IMODE(written.stat().st_mode) == 0o644

    def test_below_a_file_can_not_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(OutputUnwritable, match="results"):
            write_whole(tmp_path / "file/results.json", "text")


class TestSchema:
    def test_the_shipped_copy_is_fresh(self) -> None:
        # Compared as data: only what it says counts. python -m tfjsci.results.schema writes it anew.
        assert json.loads(SCHEMA_FILE.read_text(encoding="utf-8")) == json.loads(schema_text())

    @pytest.mark.parametrize("run", RUNS)
    def test_holds_for_what_is_written(self, run: Any) -> None:
        jsonschema.validate(json.loads(to_json(run(), folder=Path())), results_schema())

    @pytest.mark.parametrize(
        ("path", "value"),
        [("schema_version", 2), ("models.0.more", 1), ("models.0.outcome", "fine"), ("machine.cores", "4")],
    )
    def test_and_for_nothing_else(self, path: str, value: Any) -> None:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(json.loads(changed(fixtures.all_pass(), path, value)), results_schema())
