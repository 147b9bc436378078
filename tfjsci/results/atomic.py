"""A file is there whole or not at all: written beside its place, flushed to the disk, then renamed."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from tfjsci.errors import OutputUnwritable


def write_whole(path: Path, text: str) -> None:
    """Put ``text`` (UTF-8) at ``path``, replacing what is there; the folder is made if it is missing.

    Raises ``OutputUnwritable``, naming the path, when the disk says no; what was at ``path`` is then still there.
    """
    # Beside the target, as a rename is atomic only within one file system; opened by hand, as tempfile's mode is 0600.
    beside = path.with_name(f".{path.name[:100]}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with beside.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except BaseException:  # Ctrl-C, too, must leave nothing half-written
            with suppress(OSError):
                beside.unlink()
            raise
    except OSError as error:
        raise OutputUnwritable(
            f"{path}: can't be written: {error.strerror or error}",
            hint="Check that the folder is writable and that the disk has room, or choose another place with --output.",
        ) from error
