"""Sizes that are pinned: in the artifact's signature, in a run, and what doesn't fit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from end_to_end.command import DIGITS, call

from tfjsci import convert


def input_sizes(folder: Path) -> list[str]:
    document = json.loads((folder / "model.json").read_text())
    (images,) = document["signature"]["inputs"].values()
    return [dim["size"] for dim in images["tensorShape"]["dim"]]


@pytest.fixture
def sizes(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> list[int]:
    """Those of an image of the digits, as the model itself has them."""
    assert call(capfd, "convert", DIGITS / "digits.keras", tmp_path / "open").code == 0
    batch, *rest = input_sizes(tmp_path / "open")
    assert batch == "-1"
    return [int(n) for n in rest]


def test_the_artifact_has_the_sizes_that_are_given(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], sizes: list[int]
) -> None:
    given = ",".join(map(str, [4, *sizes]))
    done = call(
        capfd, "convert", DIGITS / "digits.keras", tmp_path / "m", "--input-shape", f"images={given}"
    ).in_peace()
    assert (done.code, done.err) == (0, "")
    assert input_sizes(tmp_path / "m") == [str(n) for n in (4, *sizes)]
    convert(DIGITS / "digits.keras", tmp_path / "n", input_shapes={"images": [4, *[None] * len(sizes)]})
    assert input_sizes(tmp_path / "n") == [str(n) for n in (4, *sizes)]


def test_what_does_not_fit_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str], sizes: list[int]) -> None:
    for arguments, problem in (
        (
            ("convert", DIGITS / "digits.keras", tmp_path / "m", "--input-shape", "image=1,2"),
            "there is no input 'image'",
        ),
        (("check", DIGITS / "digits.keras", "--input-shape", "images=1,2"), "dimensions, not 2"),
    ):
        done = call(capfd, *arguments).in_peace()
        assert done.code == 1
        assert problem in done.err
        assert "The inputs are images [?, " in done.err
    assert not (tmp_path / "m").exists()


def test_a_manifest_pins_what_it_runs(tmp_path: Path, capfd: pytest.CaptureFixture[str], sizes: list[int]) -> None:
    manifest = tmp_path / "tfjsci.yml"
    manifest.write_text(
        f"version: 1\ndefaults: {{backends: [cpu], pin_shapes: true}}\n"
        f"models:\n  - {{name: digits, source: {DIGITS / 'digits.keras'}, batch: 3}}\n"
    )
    done = call(capfd, "run", manifest, "--output", tmp_path / "out", "--only", "convert,verify").in_peace()
    assert done.code == 0
    assert input_sizes(tmp_path / "out" / "models" / "digits" / "float") == [str(n) for n in (3, *sizes)]
