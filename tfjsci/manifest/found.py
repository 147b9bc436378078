"""The models in a folder, found by their names alone: nothing is opened, nothing is loaded."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tfjsci.source import SourceFormat

MOST_MODELS = 50
MOST_FOLDERS = 20_000
"""Enough for any repository; someone's whole home directory isn't walked through."""

_SKIPPED = frozenset({"node_modules", "__pycache__", "site-packages", "tfjsci-output"})


_FOLDERS: dict[SourceFormat, frozenset[str]] = {
    "saved_model": frozenset({"saved_model.pb"}),
    "keras": frozenset({"config.json", "model.weights.h5"}),
}
"""What a folder of the format holds."""


@dataclass(frozen=True, kw_only=True)
class FoundModel:
    """A model's file or folder, and a name for it that no other has."""

    name: str
    path: Path
    format: SourceFormat


@dataclass(frozen=True, kw_only=True)
class FoundModels:
    """What was found, by path. ``complete`` is False if the search stopped at one of its limits."""

    models: tuple[FoundModel, ...]
    complete: bool


def find_models(folder: Path) -> FoundModels:
    """``.keras`` and ``.h5`` files, unpacked ``.keras`` folders and SavedModels below ``folder`` (itself included), at most 50.

    Hidden folders, virtual environments, ``node_modules`` and the like, and links to folders are passed by, and so are
    files of weights alone (``.weights.h5``) and names that a manifest couldn't hold.
    """
    models: list[FoundModel] = []
    taken: set[str] = set()
    for path, format_ in _candidates(folder):
        if format_ is None or len(models) == MOST_MODELS:
            return FoundModels(models=tuple(models), complete=False)
        name = _name(path, format_, taken)
        taken.add(name.lower())
        models.append(FoundModel(name=name, path=path, format=format_))
    return FoundModels(models=tuple(models), complete=True)


def _candidates(folder: Path) -> Iterator[tuple[Path, SourceFormat | None]]:
    """Models in the order of their paths; ``(folder, None)`` where the search gives up."""
    for count, (here, folders, files) in enumerate(os.walk(folder)):
        path = Path(here)
        if count == MOST_FOLDERS:
            yield path, None
            return
        if "pyvenv.cfg" in files:
            folders.clear()
            continue
        of_folder = next((format_ for format_, names in _FOLDERS.items() if names.issubset(files)), None)
        if of_folder is not None:
            folders.clear()
            if str(path.absolute()).isprintable():
                yield path, of_folder
            continue
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED)
        for name in sorted(files):
            format_ = _format(name)
            if format_ is not None and str(path / name).isprintable():
                yield path / name, format_


def _format(file: str) -> SourceFormat | None:
    if file.startswith(".") or file.endswith(".weights.h5"):
        return None
    return "keras" if file.endswith(".keras") else "h5" if file.endswith(".h5") else None


def _name(path: Path, format_: SourceFormat, taken: set[str]) -> str:
    whole = path.absolute()
    stem = whole.stem if path.is_file() else whole.name.removesuffix(".keras")
    if stem.isdigit():  # a version, as TensorFlow Serving keeps them: mobilenet/3/saved_model.pb
        stem = f"{whole.parent.name}-{stem}"
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("._-")[:80] or "model"
    candidates = [stem, f"{stem}-{format_}", *(f"{stem}-{number}" for number in range(2, MOST_MODELS + 2))]
    return next(name for name in candidates if name.lower() not in taken)
