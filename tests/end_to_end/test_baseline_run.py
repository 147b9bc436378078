"""tfjsci run against its base: a model that changed between two commits, and one that didn't; then an earlier run's folder."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from end_to_end.command import Done, call

from tfjsci.graph.tensorflow import keras
from tfjsci.results.run_result import RunResult
from tfjsci.results.store import read_results

MANIFEST = """\
version: 1
defaults: {backends: [wasm], benchmark: {warmup: 1, runs: 6}, compare: {conversion: {sqnr_db: 60}}}
baseline: {ref: base}
models:
  - {name: changed, source: changed.h5, quantize: [float16]}
  - {name: steady, source: steady.h5}
"""
NEW = "  - {name: new, source: steady.h5}\n"


def git(folder: Path, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    command = ["git", *identity, "-C", str(folder), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


def save(path: Path, *widths: int) -> None:
    """Dense layers of these widths, their weights always the same."""
    layers = keras().layers
    model = keras().Sequential([keras().Input((8,), name="x"), *(layers.Dense(w, activation="relu") for w in widths)])
    random = np.random.default_rng(0)
    model.set_weights([random.normal(size=weight.shape).astype("float32") for weight in model.get_weights()])
    model.save(path)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two commits of sub/: the model ``changed`` grew by a layer, and the manifest by a model."""
    root = tmp_path_factory.mktemp("project")
    folder = root / "sub"
    folder.mkdir()
    git(root, "init", "--quiet")
    save(folder / "steady.h5", 4)
    for widths, text in (((16, 4), MANIFEST), ((16, 512, 4), MANIFEST + NEW)):
        save(folder / "changed.h5", *widths)
        (folder / "tfjsci.yml").write_text(text)
        git(root, "add", ".")
        git(root, "commit", "--quiet", "-m", "models")
    git(root, "tag", "base", "HEAD~1")
    return folder


def run(project: Path, capfd: pytest.CaptureFixture[str], *options: object) -> tuple[Done, RunResult, str]:
    output = project.parent.with_name(f"{project.parent.name}-out")
    done = call(capfd, "run", project / "tfjsci.yml", "--output", output, *options).in_peace()
    return done, read_results(output / "results.json"), (output / "report.md").read_text("utf-8")


def test_against_a_commit_and_then_against_that_runs_folder(
    project: Path, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    done, result, report = run(project, capfd)
    assert done.code == 0, done.out + done.err
    changed, steady, new = (model.baseline for model in result.models)
    assert changed is not None
    assert changed.origin.commit == git(project, "rev-parse", "base")
    assert [each.variant for each in changed.variants] == ["float", "float16"]
    float_, float16 = changed.variants
    assert float_.base is not None
    assert float_.head is not None
    # 16×4+4 weights before the last layer became 16×512+512 and 512×4+4
    assert float_.head.parameters - float_.base.parameters == (16 * 512 + 512) + (512 * 4 + 4) - (16 * 4 + 4)
    assert float_.head.nodes - float_.base.nodes == 1
    assert float_.ops_added == {"Const": 2, "_FusedMatMul": 1}
    assert float_.ops_removed == {}
    assert not float16.identical
    for time in changed.times:
        assert time.backend == "wasm"
        assert time.verdict in ("faster", "slower", "unclear"), time.reason
        assert time.ratio is not None
        assert (len(time.base_ms), len(time.head_ms)) == (6, 6)
    assert [time.variant for time in changed.times] == ["float", "float16"]
    for numbers in changed.numbers:
        (output,) = numbers.outputs
        assert (numbers.backend, numbers.reason, output.problem) == ("wasm", None, None)
        assert not output.exact, "other weights give other numbers"
    assert [each.variant for each in changed.numbers] == ["float", "float16"]
    assert steady is not None
    assert steady.numbers == ()
    assert (steady.changed, [time.verdict for time in steady.times]) == (False, ["identical"])
    assert new is not None
    assert (new.unclear, new.new) == (None, True)
    assert "Against `base` (" in report
    assert "1 of 3 models changed" in report
    assert "changed against base: float, +" in done.out
    assert "steady against" not in done.out
    # as many lines as were announced, and nothing of the base is left
    lines = [line for line in done.err.splitlines() if line]
    assert lines[-1].startswith(f"[{len(lines)}/{len(lines)}] "), lines[-1]
    assert git(project, "worktree", "list").count("\n") == 0
    assert git(project, "status", "--porcelain") == ""

    earlier = tmp_path / "earlier"
    (project.parent.with_name(f"{project.parent.name}-out")).rename(earlier)
    done, result, _ = run(project, capfd, "--baseline", earlier, "--model", "changed")
    assert done.code == 0, done.out + done.err
    (model,) = result.models
    assert model.baseline is not None
    assert model.baseline.origin.kind == "folder"
    assert [each.identical for each in model.baseline.variants] == [True, True]
    assert {time.verdict for time in model.baseline.times} == {"identical"}
    assert model.baseline.numbers == (), "nothing is run for the same bytes"
    (sqnr,) = model.baseline.variants[0].sqnr
    assert sqnr.base_db == sqnr.head_db, "the numbers of the earlier run are there"
    assert result.dropped is None, "what wasn't chosen is still in the manifest"

    (project / "fewer.yml").write_text(MANIFEST.replace("  - {name: changed", "# - {name: changed"))
    done = call(
        capfd, "run", project / "fewer.yml", "--output", tmp_path / "out", "--only", "convert", "--baseline", earlier
    )
    assert done.code == 0, done.out + done.err
    result = read_results(tmp_path / "out" / "results.json")
    assert result.dropped is not None
    assert result.dropped.names == ("changed", "new")
    assert "changed, new against " in done.out
    assert "`changed`, `new` are no longer in the manifest" in (tmp_path / "out" / "report.md").read_text("utf-8")


def test_a_base_that_cant_be_had_changes_no_verdict_and_wrong_usage_does(
    project: Path, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    options = ("--only", "convert", "--model", "steady")
    done, result, report = run(project, capfd, *options, "--baseline-ref", "origin/main")
    assert (done.code, result.outcome) == (0, "pass")
    (model,) = result.models
    assert model.baseline is not None
    assert model.baseline.unclear == "the repository has no commit origin/main; is it fetched?"
    assert "Unclear against `origin/main`: the repository has no commit" in report
    for wrong in (["--baseline-ref", "--exec=x"], ["--baseline-ref", "x", "--baseline", tmp_path]):
        refused = call(capfd, "run", project / "tfjsci.yml", "-o", tmp_path / "o", *wrong).in_peace()
        assert refused.code == 2
        assert not (tmp_path / "o").exists()
