"""``--verify-inputs FILE.npz``: an array for each input, by its name."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from tfjsci.errors import BadInputs
from tfjsci.graph.graph import Array


def read_values(path: Path) -> dict[str, Array]:
    """The arrays of an ``.npz``; none that would run code (pickles). Raises ``BadInputs``."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, KeyError, AttributeError, zipfile.BadZipFile) as error:
        raise BadInputs(
            f"{path.name} can't be read as an .npz: {error}",
            hint="Write it with numpy.savez(path, image=array, …): a name for each input, no objects.",
        ) from error
