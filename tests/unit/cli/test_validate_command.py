"""``tfjsci validate``: mistakes are exit code 2, missing files exit code 1, and both are told with their lines."""

# ruff: noqa: E501  # messages stand whole, one a line

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tfjsci.cli import main

MANIFEST = """\
version: 1
models:
  - name: digits
    source: digits.keras
    inputs:
      images: samples/digits.npz
    quantize: [uint8]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tfjsci.yml").write_text(MANIFEST)
    (tmp_path / "digits.keras").touch()
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / "digits.npz").touch()
    return tmp_path


def validate(*args: str) -> Result:
    return CliRunner().invoke(main, ["validate", *args], prog_name="tfjsci")


def test_a_manifest_without_mistakes(folder: Path) -> None:
    result = validate()
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "tfjsci.yml: no mistakes; 1 model, files found\n"


def test_verbose_says_what_a_run_would_do(folder: Path) -> None:
    assert validate("-v").stdout.splitlines()[1:] == [
        "  digits: digits.keras -> float, uint8 on webgl, wasm; 1 input file"
    ]


def test_quiet_says_nothing_when_nothing_is_wrong(folder: Path) -> None:
    assert (validate("-q").exit_code, validate("-q").output) == (0, "")


def test_paths_start_at_the_manifest_wherever_one_stands(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert validate(str(folder / "tfjsci.yml")).exit_code == 0


def test_missing_files_are_told_with_their_lines(folder: Path) -> None:
    (folder / "digits.keras").unlink()
    (folder / "samples" / "digits.npz").unlink()
    result = validate("-q")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "tfjsci.yml:4: models[0].source: digits.keras was not found.",
        "tfjsci.yml:6: models[0].inputs.images: samples/digits.npz was not found.",
    ]
    assert validate().stdout == "tfjsci.yml: no mistakes; 1 model, 2 files not found\n"


def test_folders_of_images_labels_and_metrics_are_looked_for_too(folder: Path) -> None:
    inputs = "a: {images: photos}, b: {images: 'gone/*.png'}, c: {random: normal}, d: {images: samples}"
    more = "    labels: labels.csv\n    compare: {metric: {iou: own.quality:iou}}\n"
    (folder / "tfjsci.yml").write_text(
        f"version: 1\nmodels:\n  - name: m\n    source: digits.keras\n    inputs: {{{inputs}}}\n{more}"
    )
    assert validate("-q").stderr.splitlines() == [
        "tfjsci.yml:5: models[0].inputs.a: photos was not found.",
        "tfjsci.yml:6: models[0].labels: labels.csv was not found.",
        "tfjsci.yml:7: models[0].compare.metric.iou: quality.py was not found.",
    ]
    assert "3 input files and labels" in validate("-v").stdout


def test_a_script_that_is_missing_is_told_with_its_line(folder: Path) -> None:
    (folder / "my.js").touch()
    (folder / "tfjsci.yml").write_text(MANIFEST + "    custom_ops:\n      My: my.js\n      Their>Op: their.js\n")
    result = validate()
    assert result.exit_code == 1
    assert result.stderr == 'tfjsci.yml:10: models[0].custom_ops["Their>Op"]: their.js was not found.\n'


def test_a_path_through_a_file_cannot_be_looked_at(folder: Path) -> None:
    (folder / "tfjsci.yml").write_text(MANIFEST.replace("source: digits.keras", "source: digits.keras/x"))
    result = validate()
    assert result.exit_code == 1
    assert result.stderr == "tfjsci.yml:4: models[0].source: digits.keras/x can't be looked at: Not a directory.\n"


def test_mistakes_are_all_told(folder: Path) -> None:
    (folder / "tfjsci.yml").write_text(MANIFEST.replace("uint8", "int8").replace("version: 1", "version: one"))
    result = validate()
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [
        "error:",
        'tfjsci.yml:1: version: "one" is not 1, the only version that this tfjsci reads.',
        'tfjsci.yml:7: models[0].quantize[0]: "int8" is not one of float16, uint16, uint8, uint16-per-channel, uint8-per-channel, int6, int4. Did you mean "uint8"?',
    ]


def test_a_rule_that_there_is_not_is_a_mistake(folder: Path) -> None:
    (folder / "tfjsci.yml").write_text(MANIFEST + "    without_rules:\n      - fuse_bias\n      - fuse_bais\n")
    result = validate()
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [
        "error: tfjsci.yml:10: models[0].without_rules[1]: there is no rule or lowering 'fuse_bais' to leave out. "
        'Did you mean "fuse_bias"?',
    ]


def test_no_manifest(folder: Path) -> None:
    result = validate("other.yml")
    assert result.exit_code == 2
    assert result.stderr == "error: other.yml: there is no such file. Write one with: tfjsci init\n"
