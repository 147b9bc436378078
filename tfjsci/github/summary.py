"""The job's summary: markdown that is appended to a file of the runner's."""

from __future__ import annotations

from pathlib import Path

LIMIT_BYTES = 1024 * 1024
"""Of a step's whole summary. One byte more, and the runner drops all of it (``FileCommandManager.cs``)."""


def room_for_summary(path: Path) -> int:
    """The bytes that still fit into a summary that this step may have begun."""
    try:
        return LIMIT_BYTES - path.stat().st_size
    except FileNotFoundError:
        return LIMIT_BYTES


def append_summary(path: Path, text: str) -> None:
    """Append ``text``, which must fit. Raises ``ValueError`` if it doesn't: cutting is the renderer's business."""
    size = len(text.encode())
    if size > room_for_summary(path):
        raise ValueError(f"a summary of {size} bytes doesn't fit into the {room_for_summary(path)} that are left")
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(text)
