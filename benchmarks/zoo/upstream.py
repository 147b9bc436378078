"""The Python of a virtual environment with tensorflowjs 4.22.0 (made once; about 2.5 GB)."""

from __future__ import annotations

import os
import subprocess
import venv
from pathlib import Path

from .places import BENCHMARKS, CACHE


def upstream_python() -> Path:
    """The environment's Python, or the one that ``TFJSCI_UPSTREAM_PYTHON`` names."""
    if path := os.environ.get("TFJSCI_UPSTREAM_PYTHON"):
        return Path(path)
    folder = CACHE / "upstream"
    python = folder / "bin" / "python"
    if not (folder / "done").exists():
        venv.create(folder, with_pip=True, clear=True)
        requirements = BENCHMARKS / "upstream-requirements.txt"
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", requirements], check=True)
        (folder / "done").touch()
    return python
