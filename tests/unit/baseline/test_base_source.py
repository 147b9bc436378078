"""Which base is taken, and which names are refused before git sees them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tfjsci.baseline.source import BaseFolder, BaseRef, choose_base, require_ref
from tfjsci.errors import ManifestError, UsageError
from tfjsci.manifest.parse import load_manifest
from tfjsci.manifest.resolved import Manifest
from tfjsci.plan import make_plan

PATH = Path("m/tfjsci.yml")
SILENT = Manifest(path=PATH, models=())
SAYING = Manifest(path=PATH, models=(), baseline_ref="origin/main")


def test_the_manifests_ref_counts_unless_the_command_line_says_otherwise() -> None:
    assert choose_base(SILENT, folder=None, ref=None) is None
    assert choose_base(SAYING, folder=None, ref=None) == BaseRef(ref="origin/main", manifest=PATH)
    assert choose_base(SAYING, folder=None, ref="v1") == BaseRef(ref="v1", manifest=PATH)
    assert choose_base(SAYING, folder=Path("out"), ref=None) == BaseFolder(path=Path("out"))
    with pytest.raises(UsageError, match="can't both be given"):
        choose_base(SILENT, folder=Path("out"), ref="v1")


@pytest.mark.parametrize(
    "ref", ["origin/main", "v1.2.3", "HEAD~1", "HEAD^", "a" * 40, "main@{1}", "release-1", "größer", "feature/#12"]
)
def test_names_of_commits(ref: str) -> None:
    assert require_ref(ref) == ref


@pytest.mark.parametrize(
    "ref",
    ["", "-", "--upload-pack=touch x", "-b", "a b", "main\n", "main\x00", "\x1b[2J", "main:secret.txt", ":/fix", "refs/*",
     "a?", "a[b]", "a\\b", "a" * 201],
)  # fmt: skip
def test_what_is_no_name_of_a_commit(ref: str) -> None:
    with pytest.raises(UsageError, match="is no name of a commit"):
        require_ref(ref)


def write(folder: Path, baseline: str) -> Path:
    path = folder / "tfjsci.yml"
    path.write_text(f"version: 1\nbaseline: {baseline}\nmodels:\n  - {{name: a, source: a.keras}}\n", "utf-8")
    return path


def test_the_manifest_says_it_and_the_plan_has_it(tmp_path: Path) -> None:
    path = write(tmp_path, "{ref: origin/main}")
    manifest = load_manifest(path)
    assert manifest.baseline_ref == "origin/main"
    assert make_plan(manifest, output=tmp_path).baseline == BaseRef(ref="origin/main", manifest=path)
    assert make_plan(manifest, output=tmp_path, baseline=Path("out")).baseline == BaseFolder(path=Path("out"))


def test_the_runs_own_output_is_no_base_of_it(tmp_path: Path) -> None:
    manifest = load_manifest(write(tmp_path, "{ref: origin/main}"))
    with pytest.raises(UsageError, match="--baseline is the output folder of this run"):
        make_plan(manifest, output=tmp_path / "out", baseline=tmp_path / "x" / ".." / "out")
    beside = make_plan(manifest, output=tmp_path / "out", baseline=tmp_path / "earlier")
    assert beside.baseline == BaseFolder(path=tmp_path / "earlier")


@pytest.mark.parametrize(
    ("baseline", "message"),
    [
        ("{ref: --exec=x}", 'baseline.ref: "--exec=x" should be a branch, tag or commit such as origin/main.'),
        ("{}", 'baseline: the key "ref" is missing.'),
        ("{reff: main}", 'unknown key "reff". Did you mean "ref"?'),
        ("main", "a mapping"),
    ],
)
def test_slips_in_the_manifest_are_told_with_their_line(tmp_path: Path, baseline: str, message: str) -> None:
    with pytest.raises(ManifestError) as refused:
        load_manifest(write(tmp_path, baseline))
    assert message in str(refused.value)
    assert "tfjsci.yml:2" in str(refused.value)
