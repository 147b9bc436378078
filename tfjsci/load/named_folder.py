"""A folder with the name that messages call it by: of one that was fetched or unpacked, its own is nobody's choice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class NamedFolder:
    """``path`` is where it lies; ``name`` is what it was given as: a folder's name, an archive's, an address."""

    path: Path
    name: str


def named(folder: Path, name: str | None = None) -> NamedFolder:
    """By its own name, where no other is given."""
    return NamedFolder(path=folder, name=name or folder.name)
