"""The folders of several signatures: named after them, and none leads out of the folder that was asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tfjsci.errors import UsageError
from tfjsci.graph.graph import unused_name


def folders_of(output: Path, signatures: Sequence[str]) -> dict[str, Path]:
    """A folder for each signature: its name, with what a file's name can't be safely as ``_``; no two share one.

    Raises ``UsageError`` for a signature that is given twice.
    """
    if twice := [name for name in signatures if list(signatures).count(name) > 1]:
        raise UsageError(f"the signature {twice[0]!r} is given twice", hint="Give each once.")
    taken: set[str] = set()
    folders = {}
    for name in signatures:
        plain = unused_name(re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".-") or "signature", taken)
        taken.add(plain)
        folders[name] = output / plain
    return folders


@contextmanager
def no_empty(output: Path) -> Iterator[None]:
    """Where the block fails, ``output`` isn't left behind without anything in it."""
    new = not output.exists()
    try:
        yield
    except BaseException:
        if new and output.is_dir() and not any(output.iterdir()):
            output.rmdir()
        raise
