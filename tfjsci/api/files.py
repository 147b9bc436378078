"""What runs read and write, from Python: a manifest, and the results of a run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tfjsci.manifest.resolved import Manifest
    from tfjsci.results.run_result import RunResult


def load_manifest(path: str | os.PathLike[str] = "tfjsci.yml") -> Manifest:
    """The manifest with defaults merged into each model. Whether the models' files exist is not looked at.

    Raises ``ManifestError`` with all mistakes, in the file's order, each with ``file:line`` and key path.
    """
    from tfjsci.manifest.parse import load_manifest as load

    return load(Path(path))


def load_results(path: str | os.PathLike[str]) -> RunResult:
    """What ``tfjsci run`` wrote into a ``results.json``, checked.

    Raises ``UsageError`` for what isn't one: no such file, too large, not JSON, of a newer version, or amended by hand into
    something else.
    """
    from tfjsci.results.store import read_results

    return read_results(Path(path))
