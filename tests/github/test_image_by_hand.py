"""Without a single variable of GitHub's: the manifest is found, the report printed, no command in it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from github.step import MANIFEST
from unit.report import fixtures

from tfjsci.action.act import act
from tfjsci.action.world import World
from tfjsci.results.run_result import RunResult
from tfjsci.results.store import write_results


def run_by_hand(environ: dict[str, str], workspace: Path, produce: Any = fixtures.mixed) -> tuple[int, str]:
    def gate(plan: Any, *, manifest_name: str, progress: Any) -> RunResult:
        run: RunResult = produce()
        progress.begin(1)
        with progress.step("digits", "convert"):
            pass
        progress.end()
        write_results(run, plan.output / "results.json")
        return run

    out = io.StringIO()
    code = act(World(environ=environ, out=out, gate=gate, container_workspace=workspace))
    return code, out.getvalue()


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    mounted = tmp_path / "github/workspace"
    mounted.mkdir(parents=True)
    (mounted / "tfjsci.yml").write_text(MANIFEST, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return mounted


def test_the_mounted_manifest_is_found_and_the_report_printed(workspace: Path) -> None:
    code, out = run_by_hand({}, workspace)
    assert code == 1
    assert "TensorFlow.js models: 2 of 4 fail, 1 warns" in out
    assert out.splitlines()[-1] == "report: tfjsci-output/report.md"
    assert (workspace / "tfjsci-output/results.json").exists()
    assert "::" not in out.replace("tfjsci.yml::", "")
    assert "tfjsci.yml:13: error: SQNR of output" in out


def test_a_manifest_here_goes_before_the_mounted_one(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "tfjsci.yml").write_text(MANIFEST, encoding="utf-8")
    run_by_hand({}, workspace)
    assert (tmp_path / "tfjsci-output/results.json").exists()
    assert not (workspace / "tfjsci-output").exists()


def test_inputs_work_with_underscores_as_a_shell_needs_them(workspace: Path) -> None:
    assert run_by_hand({"INPUT_FAIL_ON": "never"}, workspace)[0] == 0
    assert run_by_hand({"INPUT_FAIL-ON": "never"}, workspace)[0] == 0


def test_no_manifest_anywhere_is_a_usage_error(workspace: Path) -> None:
    (workspace / "tfjsci.yml").unlink()
    code, out = run_by_hand({}, workspace)
    assert code == 2
    assert out.startswith("tfjsci.yml: error: there is no such file.")
    assert out.count("there is no such file") == 1


def test_the_entrypoint_as_a_process(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "INPUT_"))}
    done = subprocess.run(
        [sys.executable, str(root / "entrypoint.py")],
        cwd=tmp_path, env={**clean, "INPUT_FAIL-ON": "wran"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.splitlines()[0] == (
        'error: input fail-on: "wran" is not one of error, warn, never. Did you mean "warn"?'
    )


def test_the_entrypoint_renders_a_strangers_results_without_tensorflow(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    write_results(fixtures.mixed(), tmp_path / "results.json")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "INPUT_"))}
    program = (
        "import sys, json; from tfjsci.action import main; code = main(); "
        "print(json.dumps([code, sorted({'tensorflow', 'keras', 'playwright', 'h5py'} & set(sys.modules))]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**clean, "PYTHONPATH": str(root), "INPUT_MODE": "report", "INPUT_RESULTS": "results.json"},
    )  # fmt: skip
    assert done.stderr == ""
    assert json.loads(done.stdout.splitlines()[-1]) == [0, []]
    assert "TensorFlow.js models: 2 of 4 fail, 1 warns" in done.stdout
