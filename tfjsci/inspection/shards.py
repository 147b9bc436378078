"""A TF.js model's files: what they take together, and what isn't there as ``model.json`` says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tfjsci.escape import one_line
from tfjsci.format.weights import corrupt, list_of_dicts, shard_file


def files_of(file: Path, document: Mapping[str, Any], *, weights_bytes: int) -> tuple[int, tuple[str, ...]]:
    """The bytes of ``model.json`` and of its shards, and what is wrong with these. ``weights_bytes`` is what all weights need.

    No shard is read. Raises ``CorruptModel`` where a shard's path is none, or leaves the folder.
    """
    held = 0
    notes: list[str] = []
    for group in list_of_dicts(document, "weightsManifest", "model.json"):
        paths = group.get("paths")
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            raise corrupt(f"model.json: the paths of a weight group are {str(paths)[:100]}")
        for path in paths:
            shard = shard_file(file.parent, path)
            if shard.is_file():
                held += shard.stat().st_size
            else:
                notes.append(f"the shard {one_line(path)} is missing")
    if not notes and held != weights_bytes:
        notes.append(f"its shards are damaged: they hold {held} bytes, the weights need {weights_bytes}")
    return file.stat().st_size + held, tuple(notes)
