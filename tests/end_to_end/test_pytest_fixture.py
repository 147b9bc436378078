"""The fixture tfjs_browser in somebody's own tests: a right number passes, a wrong one fails, one browser serves both."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from browser.tiny_models import dense

THEIRS = """
import numpy as np

def test_right(tfjs_browser):
    with tfjs_browser.load_graph_model("web") as model:
        np.testing.assert_allclose(model.predict([[1.0, 10.0]]), [[41.0, 52.0, 63.0]])

def test_wrong(tfjs_browser):
    with tfjs_browser.load_graph_model("web/model.json", "cpu") as model:
        np.testing.assert_allclose(model.predict({"images": [[1.0, 10.0]]})["scores"], [[0.0, 0.0, 0.0]])
"""


def test_the_fixture(tmp_path: Path) -> None:
    dense(tmp_path / "web")
    (tmp_path / "test_theirs.py").write_text(THEIRS, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tfjsci.pytest_plugin", "-p", "no:cacheprovider", "."]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env={**os.environ}, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed, 1 passed" in done.stdout
    assert "FAILED test_theirs.py::test_wrong" in done.stdout
