"""``tfjsci init``: three files or none, nothing overwritten unasked, and what it writes is valid at once."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from tfjsci.cli import main
from tfjsci.manifest.document import parse_document, read_document
from tfjsci.manifest.parse import load_manifest

WRITTEN = {"tfjsci.yml", ".tfjsci/tfjsci.schema.json", ".github/workflows/tfjsci.yml"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    project = tmp_path / "project"
    (project / "models").mkdir(parents=True)
    (project / "models" / "digits.keras").touch()
    monkeypatch.chdir(project)
    return project


def init(*args: str) -> Result:
    return CliRunner().invoke(main, ["init", *args], prog_name="tfjsci")


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_what_it_writes_and_says(folder: Path) -> None:
    result = init()
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "wrote tfjsci.yml",
        "wrote .tfjsci/tfjsci.schema.json",
        "wrote .github/workflows/tfjsci.yml",
        "1 model found.",
        "Next: tfjsci run",
    ]
    assert files(folder) == {"models/digits.keras", *WRITTEN}


def test_the_manifest_is_valid_and_names_a_schema_that_it_fits(folder: Path) -> None:
    init()
    (model,) = load_manifest(folder / "tfjsci.yml").models
    assert (model.name, model.source) == ("digits", folder / "models" / "digits.keras")
    first = (folder / "tfjsci.yml").read_text("utf-8").splitlines()[0]
    named = folder / first.removeprefix("# yaml-language-server: $schema=")
    schema = json.loads(named.read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(read_document(folder / "tfjsci.yml").root.plain())
    assert CliRunner().invoke(main, ["validate"]).exit_code == 0


@pytest.mark.parametrize("already", sorted(WRITTEN))
def test_nothing_is_overwritten_without_force(folder: Path, already: str) -> None:
    (folder / already).parent.mkdir(parents=True, exist_ok=True)
    (folder / already).write_text("mine")
    before = files(folder)
    result = init()
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"error: already there: {already}; nothing written\n")
    assert (files(folder), (folder / already).read_text()) == (before, "mine")
    assert init("--force").exit_code == 0
    assert (folder / already).read_text("utf-8") != "mine"


def test_the_same_files_again_are_no_conflict(folder: Path) -> None:
    assert (init().exit_code, init().exit_code) == (0, 0)


def test_without_a_model_it_writes_nothing(folder: Path) -> None:
    (folder / "models" / "digits.keras").unlink()
    result = init()
    assert (result.exit_code, files(folder)) == (2, set())
    assert "no .keras or .h5, no unpacked .keras and no saved_model.pb was found" in result.stderr
    assert "tfjsci init --example" in result.stderr


def test_an_example_is_written_on_demand(folder: Path) -> None:
    (folder / "models" / "digits.keras").unlink()
    result = init("--example")
    assert (result.exit_code, files(folder)) == (0, WRITTEN)
    assert result.stdout.splitlines()[-2:] == [
        "No model was found: put the path of one into the manifest.",
        "Next: tfjsci validate",
    ]
    assert [model.name for model in load_manifest(folder / "tfjsci.yml").models] == ["my-model"]


def test_in_a_folder_of_a_repository_the_workflow_goes_to_its_root(folder: Path) -> None:
    (folder / ".git").mkdir()
    result = init("models", "-q")
    assert (result.exit_code, result.output) == (0, "")
    assert files(folder) == {
        "models/digits.keras", "models/tfjsci.yml", "models/.tfjsci/tfjsci.schema.json", ".github/workflows/tfjsci.yml",
    }  # fmt: skip
    workflow = parse_document((folder / ".github/workflows/tfjsci.yml").read_text("utf-8"), Path("w.yml")).root.plain()
    runs = [step.get("run", "") for step in workflow["jobs"]["models"]["steps"]]
    assert "tfjsci run models/tfjsci.yml --output tfjsci-output\n" in runs
    (model,) = load_manifest(folder / "models" / "tfjsci.yml").models
    assert model.source_text == "digits.keras"


def test_output_elsewhere_keeps_paths_relative_to_the_manifest(folder: Path) -> None:
    result = init("--output", "ci/models.yml")
    assert result.stdout.splitlines()[-1] == "Next: tfjsci run ci/models.yml"
    (model,) = load_manifest(folder / "ci" / "models.yml").models
    assert model.source_text == "../models/digits.keras"


@pytest.mark.parametrize("name", ["a\u202eb", "${{ github.token }}"])
def test_a_manifest_whose_name_a_workflow_would_misread_is_refused(folder: Path, name: str) -> None:
    result = init("--output", f"{name}.yml")
    assert (result.exit_code, files(folder)) == (2, {"models/digits.keras"})
    assert "can't be written in a manifest or a workflow" in result.stderr


def test_a_folder_that_is_not_there(folder: Path) -> None:
    assert init("nowhere").exit_code == 2


def test_a_place_that_cannot_be_written(folder: Path) -> None:
    (folder / "file").touch()
    result = init("--output", "file/tfjsci.yml")
    assert result.exit_code == 3
    assert "can't be written" in result.stderr
