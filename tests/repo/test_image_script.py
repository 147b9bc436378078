"""script/test-image itself, with an engine that only pretends: it must see that nothing was done. Docker isn't needed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRETENDER = """\
#!/bin/sh
# Every command succeeds and does nothing.
printf '%s\\n' "$*" >> "$CALLS"
if [ "$1" = image ]; then echo 1234567890; fi
"""


@pytest.fixture
def pretender(tmp_path: Path) -> Path:
    path = tmp_path / "pretender"
    path.write_text(PRETENDER)
    path.chmod(0o755)
    return path


def call(pretender: Path, *arguments: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """What the script said, and what the engine was asked."""
    calls = pretender.with_name("calls")
    environ = {**os.environ, "DOCKER_BUILD": f"{pretender} build", "DOCKER_RUN": str(pretender), "CALLS": str(calls)}
    command = [sys.executable, "-B", str(ROOT / "script" / "test-image"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environ, check=False)
    return done, calls.read_text().splitlines() if calls.exists() else []


def test_an_image_that_does_nothing_passes_no_check(pretender: Path) -> None:
    done, calls = call(pretender, "--tag", "our:test")
    assert calls[:2] == [f"build {ROOT} our:test", "image inspect --format {{.Size}} our:test"]
    outcomes = [line for line in done.stdout.splitlines() if " s): " in line]
    assert len(outcomes) >= 11
    assert [line for line in outcomes if "FAILED: CheckFailedError" not in line] == []
    assert (done.returncode, f"{len(outcomes)} failed: all_pass, " in done.stdout) == (1, True)
    assert "our:test: 1,235 MB on disk" in done.stdout


def test_one_check_of_an_image_that_is_there(pretender: Path) -> None:
    done, calls = call(pretender, "--image", "there:1", "no_browser")
    assert done.returncode == 1
    assert [line.split()[0] for line in calls] == ["image", "run"]
    assert calls[1].endswith(" there:1")
    assert "INPUT_MODELS=digits-keras" in calls[1]
    assert "--network none --shm-size 64m" in calls[1]


def test_a_check_that_is_not_there_is_refused(pretender: Path) -> None:
    done, calls = call(pretender, "no_browsers")
    assert (done.returncode, calls) == (2, [])
    assert "no such check: no_browsers" in done.stderr


def test_outputs_are_read_as_the_runner_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "script" / "image"))
    from step import read_outputs  # type: ignore[import-not-found]

    assert read_outputs("a=1\nb<<W\nx\n<<y=\nW\nc=p<<q\nd=\n") == {"a": "1", "b": "x\n<<y=", "c": "p<<q", "d": ""}
