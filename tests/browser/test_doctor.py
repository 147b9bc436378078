"""``tfjsci doctor`` as it is typed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any


def doctor(*arguments: str, **env: str) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "tfjsci", "doctor", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env={**os.environ, **env}, check=False)
    return done.returncode, done.stdout, done.stderr


def checks(stdout: str) -> dict[str, dict[str, Any]]:
    return {check["name"]: check for check in json.loads(stdout)["checks"]}


def test_all_is_well_here() -> None:
    code, out, err = doctor("--json", "--backend", "wasm")
    found = checks(out)
    assert (code, err) == (0, "")
    assert list(found) == ["Python", "TensorFlow.js", "Browser", "wasm", "TensorFlow", "Keras"]
    assert all(check["ok"] for check in found.values())
    assert found["wasm"]["found"].startswith("runs (wasm threaded-simd ×")


def test_a_missing_browser_and_release_fail_with_what_to_do_and_no_chatter() -> None:
    code, out, err = doctor("--quiet", "--backend", "wasm", TFJSCI_BROWSER="/no/such")
    assert (code, err) == (3, "")
    assert out.startswith("FAIL  Browser")
    assert "unset it" in out
    assert "wasm" not in out  # the browser's line says it all

    code, out, _ = doctor("--json", "--backend", "wasm", TFJSCI_RUNTIME="/no/such")
    assert code == 3
    assert [name for name, check in checks(out).items() if not check["ok"]] == ["TensorFlow.js"]
