"""A model that is written down in order to be read."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path

from tfjsci.load.loaded import LoadedGraph


def by_way_of_a_folder(load: Callable[[Path], LoadedGraph]) -> LoadedGraph:
    """What ``load`` makes of a folder of its own, which stays for as long as the original may be asked. Raises what it raises."""
    folder = Path(tempfile.mkdtemp(prefix="tfjsci-"))
    try:
        loaded = load(folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    weakref.finalize(loaded.original, shutil.rmtree, str(folder), ignore_errors=True)
    return loaded
