"""``tfjsci report``: from the file alone, and light."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from unit.report import fixtures

from tfjsci.cli import guard
from tfjsci.cli.report import report
from tfjsci.errors import ExitCode, UsageError
from tfjsci.report.markdown import render_markdown
from tfjsci.results.store import write_results


@pytest.fixture
def results(tmp_path: Path) -> Path:
    write_results(fixtures.mixed(), tmp_path / "results.json")
    return tmp_path / "results.json"


def test_prints_what_the_run_wrote(results: Path) -> None:
    done = CliRunner().invoke(report, [str(results)])
    assert (done.exit_code, done.stdout) == (0, render_markdown(fixtures.mixed()))


def test_writes_a_file(results: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(report, [str(results), "--output", str(tmp_path / "new/report.md")])
    assert (done.exit_code, done.stdout) == (0, "")
    assert (tmp_path / "new/report.md").read_text(encoding="utf-8") == render_markdown(fixtures.mixed())


def test_shows_it_as_on_a_terminal(results: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(report, [str(results), "--format", "terminal"])
    assert done.stdout.rstrip().endswith("TensorFlow.js models: 2 of 4 fail, 1 warns")
    CliRunner().invoke(report, [str(results), "--format", "terminal", "--output", str(tmp_path / "end.txt")])
    assert "\x1b" not in (tmp_path / "end.txt").read_text(encoding="utf-8")


def test_a_file_that_is_none_is_a_usage_error(tmp_path: Path) -> None:
    done = CliRunner().invoke(report, [str(tmp_path / "no.json")])
    assert isinstance(done.exception, UsageError)
    (tmp_path / "other.json").write_text('{"name": "package"}')
    assert guard(lambda: report.main([str(tmp_path / "other.json")], standalone_mode=False)) == ExitCode.USAGE


def test_needs_neither_tensorflow_nor_a_browser(results: Path) -> None:
    program = (
        "import sys; from tfjsci.cli.report import report; report.main([sys.argv[1]], standalone_mode=False); "
        "heavy = {'tensorflow', 'keras', 'playwright', 'h5py'} & set(sys.modules); assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", program, str(results)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("### TensorFlow.js models")
