"""The plug-in costs a test run nothing until a test asks for the browser."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PLUGIN = "tfjsci.pytest_plugin"


def test_nothing_is_imported_and_nothing_started_before_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "test_theirs.py").write_text(
        "import sys\n"
        "def test_that_needs_no_browser():\n"
        "    assert 'tfjsci.pytest_plugin' in sys.modules\n"
        "    heavy = ('tensorflow', 'keras', 'playwright', 'numpy', 'tfjsci.api', 'tfjsci.browser')\n"
        "    assert [name for name in heavy if name in sys.modules] == []\n"
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        PLUGIN,
        "-p",
        "no:cacheprovider",
        "-p",
        "no:hypothesispytest",
    ]
    done = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_it_is_announced_under_its_own_name() -> None:
    lines = (Path(__file__).parents[2] / "pyproject.toml").read_text().splitlines()
    announced = lines[lines.index("[project.entry-points.pytest11]") + 1]
    assert announced == f'"{PLUGIN}" = "{PLUGIN}"', "so that -p of the same name isn't another plug-in"
