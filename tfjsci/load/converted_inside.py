"""The converted models that lie in a folder which is none itself, as ``tfjsci run`` writes them: models/NAME/VARIANT."""

from __future__ import annotations

import os
from pathlib import Path

from tfjsci.errors import UnknownFormat
from tfjsci.listed import listed, plural

_DEEPEST = 3
_MOST_FOLDERS = 2_000
"""Of more nothing is said: whoever gives a home folder by mistake wants an answer, too."""


class HoldsModels(UnknownFormat):
    """The folder holds converted models and is none. ``models`` are their paths in it, in order."""

    def __init__(self, folder: str, models: tuple[str, ...]) -> None:
        super().__init__(
            f"the folder {folder} is no model itself, it holds {plural(len(models), 'converted model')}: "
            f"{listed(models, 10)}",
            hint=f"Give one of them, such as {folder}/{models[0]}.",
        )
        self.models = models


def refuse_folder_of_models(folder: Path) -> None:
    """Raises ``HoldsModels`` where there are some up to three folders below."""
    if models := _models_in(folder):
        raise HoldsModels(folder.name, models)


def _models_in(folder: Path) -> tuple[str, ...]:
    found: list[str] = []
    seen, level = 0, [folder]
    for _ in range(_DEEPEST):
        below = []
        for parent in level:
            for each in _folders_in(parent):
                seen += 1
                if seen > _MOST_FOLDERS:
                    return ()
                if (each / "model.json").is_file():
                    found.append(each.relative_to(folder).as_posix())
                else:
                    below.append(each)
        level = below
    return tuple(sorted(found))


def _folders_in(folder: Path) -> list[Path]:
    """Without links, which may lead round in a circle; none of a folder that can't be read."""
    try:
        with os.scandir(folder) as entries:
            return sorted(Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError:
        return []
