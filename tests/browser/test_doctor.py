"""``tfjsci doctor``: as it is typed, and (TensorFlow's slow import left out) where something is missing."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tfjsci.cli import doctor as module
from tfjsci.cli.doctor import Check
from tfjsci.errors import ExitCode


def checks(stdout: str) -> dict[str, dict[str, Any]]:
    return {check["name"]: check for check in json.loads(stdout)["checks"]}


@pytest.fixture
def without_tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "check_tensorflow", lambda: [Check(name="TensorFlow", ok=True, found="not looked at")])


def doctor(*arguments: str) -> tuple[Result, ExitCode]:
    result = CliRunner().invoke(module.doctor, arguments, standalone_mode=False)
    assert result.exception is None, result.exception
    return result, result.return_value


def test_all_is_well_here() -> None:
    command = [sys.executable, "-m", "tfjsci", "doctor", "--json", "--backend", "wasm"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    found = checks(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(found) == ["Python", "TensorFlow.js", "Browser", "wasm", "TensorFlow", "Keras"]
    assert all(check["ok"] for check in found.values())
    assert found["wasm"]["found"].startswith("runs (wasm threaded-simd ×")


@pytest.mark.usefixtures("without_tensorflow")
def test_a_missing_browser_is_told_once_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFJSCI_BROWSER", "/no/such")
    result, code = doctor("--quiet")
    assert (code, result.stderr) == (ExitCode.ENVIRONMENT, "")
    assert result.stdout.startswith("FAIL  Browser")
    assert "unset it" in result.stdout
    assert "wasm" not in result.stdout  # the browser's line says it all


@pytest.mark.usefixtures("without_tensorflow")
def test_a_missing_release_is_told_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFJSCI_RUNTIME", "/no/such")
    result, code = doctor("--json", "--backend", "wasm")
    assert code == ExitCode.ENVIRONMENT
    failing = [check for check in checks(result.stdout).values() if not check["ok"]]
    assert [check["name"] for check in failing] == ["TensorFlow.js"]
    assert "script/install_runtime.py" in failing[0]["hint"]


@pytest.mark.usefixtures("without_tensorflow")
def test_a_backend_that_does_not_run_fails_beside_one_that_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFJSCI_BROWSER_FLAGS", "--use-gl=disabled")
    result, code = doctor("--json", "--backend", "webgl", "--backend", "cpu")
    found = checks(result.stdout)
    assert code == ExitCode.ENVIRONMENT
    assert (found["webgl"]["ok"], found["cpu"]["ok"]) == (False, True)
    assert found["webgl"]["found"].startswith("webgl does not run in this browser: ")
