"""The machine, for the record: read without importing what it tells the versions of."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import numpy as np
import pytest

from tfjsci import machine
from tfjsci.machine import this_machine


def test_it_says_where_this_ran() -> None:
    here = this_machine()
    assert here.python == ".".join(map(str, sys.version_info[:3]))
    assert here.numpy == np.__version__
    assert here.cores >= 1
    assert here.memory_bytes > 1 << 28
    assert here.platform
    assert here.cpu


def test_what_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(package: str) -> str:
        if package in {"tensorflow", "keras"}:
            raise PackageNotFoundError(package)
        return f"version of {package}"

    monkeypatch.setattr(machine, "version", version)
    assert this_machine().tensorflow == "version of tensorflow-cpu"
    assert this_machine().keras is None


def test_nothing_heavy_is_imported_for_it() -> None:
    code = (
        "import sys, tfjsci.machine as m; m.this_machine(); print('tensorflow' in sys.modules, 'keras' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root).stdout == "False False\n"
    )
