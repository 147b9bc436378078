"""Whether a folder may become an artifact, or go: that is done to it as a whole, so nothing else may be in it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection
from pathlib import Path

from tfjsci.errors import OutputUnwritable, UsageError
from tfjsci.listed import listed

_PARTS = re.compile(r"model\.json|group\d+-shard\d+of\d+\.bin")


def is_part(name: str) -> bool:
    """Whether a file of that name is part of an artifact."""
    return _PARTS.fullmatch(name) is not None


def require_replaceable(folder: Path) -> None:
    """``folder`` isn't there yet, is empty, or holds an artifact and nothing else.

    Raises ``UsageError`` naming what would be lost, ``OutputUnwritable`` when it is a file or can't be looked into.
    """
    try:
        names = sorted(path.name for path in folder.iterdir())
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise OutputUnwritable(
            f"{folder} can't be written: {getattr(error, 'strerror', None) or error}", hint="Choose another folder."
        ) from error
    others = [name for name in names if not is_part(name)]
    if others:
        raise UsageError(
            f"{folder} holds {listed(others, 3)}: it would be replaced as a whole",
            hint="Choose a folder that isn't there yet, is empty, or holds a converted model and nothing else.",
        )


def remove_others(folder: Path, *, keep: Collection[str]) -> None:
    """Remove the artifacts in ``folder`` but those in subfolders called ``keep``; what holds anything else stays.

    Raises ``OutputUnwritable``.
    """
    try:
        for each in sorted(folder.iterdir()) if folder.is_dir() else ():
            if each.name in keep or each.is_symlink() or not (each / "model.json").is_file():
                continue
            if all(is_part(path.name) for path in each.iterdir()):
                shutil.rmtree(each)
    except OSError as error:
        raise OutputUnwritable(
            f"what an older run left in {folder} can't be removed: {error.strerror or error}",
            hint="Remove it, or choose another folder with --output.",
        ) from error
