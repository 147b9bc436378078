"""Files that the action writes as root belong to the workspace's owner in the end, or the runner can't delete them.

Only what this step made: below the output folder, owned by root, changed since the step began. No link is followed.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

SLACK_NS = 2_000_000_000
"""A file system's clock may be behind ours, in ticks of up to two seconds."""


def missing_folders(folder: Path) -> list[Path]:
    """The folders up to ``folder`` that aren't there yet, outermost first: whoever makes them owns them."""
    return [each for each in reversed((folder, *folder.parents)) if not each.exists()]


def hand_over(output: Path, made: list[Path], workspace: Path, *, since_ns: int) -> list[str]:
    """Give what was written since ``since_ns`` in ``output`` to ``workspace``'s owner, and the folders ``made`` for it.

    Does nothing unless this is root in a workspace of someone else, or if ``output`` leads outside of it. Returns what
    couldn't be given, in words.
    """
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return []
    owner = workspace.stat()
    if owner.st_uid == 0 or not output.is_dir():
        return []
    inside = output.resolve()
    if not inside.is_relative_to(workspace.resolve()):
        return []
    failed: list[str] = []
    for folder in made:
        if folder.resolve().is_relative_to(workspace.resolve()):
            _give(folder, owner, failed)
    for place, folders, files, descriptor in os.fwalk(inside, follow_symlinks=False):
        here = os.fstat(descriptor)
        if _ours(here, since_ns):
            _give(".", owner, failed, shown=place, dir_fd=descriptor)
        for name in (*folders, *files):
            found = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
            if not stat.S_ISDIR(found.st_mode) and _ours(found, since_ns):
                _give(name, owner, failed, shown=f"{place}/{name}", dir_fd=descriptor)
    return failed


def _ours(found: os.stat_result, since_ns: int) -> bool:
    return found.st_uid == 0 and found.st_ctime_ns >= since_ns - SLACK_NS


def _give(
    path: Path | str, owner: os.stat_result, failed: list[str], *, shown: str = "", dir_fd: int | None = None
) -> None:
    try:
        os.chown(path, owner.st_uid, owner.st_gid, dir_fd=dir_fd, follow_symlinks=False)
    except OSError as error:
        failed.append(f"{shown or path}: {error.strerror}")
