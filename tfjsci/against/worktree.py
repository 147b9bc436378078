"""Another commit's files in a folder of their own, for as long as they are needed: git worktree, kept on a short leash.

The checkout isn't touched, and nothing of the commit is run: no hooks, no file-system monitor, no LFS, no submodules,
nothing fetched.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tfjsci.baseline.source import require_ref
from tfjsci.escape import one_line

log = logging.getLogger("tfjsci")

_SECONDS = 600
"""A checkout of gigabytes on a slow disk; more is a disk that hangs."""

_LEASH = (
    "-c", f"core.hooksPath={os.devnull}",
    "-c", "core.fsmonitor=false",  # else a command of the configuration's
    "-c", "submodule.recurse=false",
    "-c", "advice.detachedHead=false",
)  # fmt: skip


class NoBaseError(Exception):
    """There is no base to be had, and why: a sentence for the report, never a failure of the run."""


@dataclass(frozen=True, kw_only=True)
class Worktree:
    """``folder`` holds the files of ``commit``; ``here`` is the folder that the caller asked from, in it."""

    folder: Path
    commit: str
    here: Path


@contextmanager
def worktree(place: Path, ref: str) -> Iterator[Worktree]:
    """Check out ``ref`` of the repository around the folder ``place`` into a temporary folder; gone when the block ends.

    Raises ``NoBaseError``: no git, no repository, no such commit, a checkout that fails. ``UsageError``: not a ref.
    """
    require_ref(ref)
    git = shutil.which("git")
    if git is None:
        raise NoBaseError("git isn't installed")
    if not place.is_dir():
        raise NoBaseError(f"there is no folder {one_line(str(place))}")
    place = place.resolve()
    top = Path(_asked(git, place, "rev-parse", "--show-toplevel")).resolve()
    if not place.is_relative_to(top):
        raise NoBaseError(f"{one_line(str(place))} is not inside of its repository's work tree")
    commit = _commit(git, place, ref)
    # beside nothing of the user's: git itself makes the last part, and notes it under .git/worktrees
    with tempfile.TemporaryDirectory(prefix="tfjsci-base-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary).resolve() / "base"
        try:
            _asked(git, place, "worktree", "add", "--quiet", "--detach", str(folder), commit)
            yield Worktree(folder=folder, commit=commit, here=folder / place.relative_to(top))
        finally:
            _remove(git, place, folder)


def _commit(git: str, place: Path, ref: str) -> str:
    found = _run(git, place, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    if found.returncode == 0 and found.stdout.strip():
        return found.stdout.strip()
    shallow = _asked(git, place, "rev-parse", "--is-shallow-repository") == "true"
    more = "; this clone is shallow: check out with fetch-depth: 0" if shallow else "; is it fetched?"
    raise NoBaseError(f"the repository has no commit {one_line(ref)}{more}")


def _remove(git: str, place: Path, folder: Path) -> None:
    """Whatever happened before: the folder goes, and git's note of it."""
    try:
        removed = _run(git, place, "worktree", "remove", "--force", "--force", str(folder))
        if removed.returncode:  # it was never added, or a file in it can't be deleted
            log.info("git worktree remove: %s", _last_line(removed.stderr))
            shutil.rmtree(folder, ignore_errors=True)
            _run(git, place, "worktree", "prune")
    except NoBaseError as error:  # not worth more than a line in the log: the folder is temporary
        log.warning("%s", error)


def _asked(git: str, place: Path, *arguments: str) -> str:
    done = _run(git, place, *arguments)
    if done.returncode:
        said = _last_line(done.stderr) or f"exit code {done.returncode}"
        raise NoBaseError(f"git {' '.join(arguments[:2])}: {said}")
    return done.stdout.strip()


def _run(git: str, place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603  (a list of arguments; the ref was checked)
            [git, *_LEASH, "-C", str(place), *arguments],
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoBaseError(f"git {arguments[0]}: {one_line(str(error), 200)}") from error


def _environment() -> dict[str, str]:
    """Ours without git's variables: in a hook, GIT_DIR and GIT_INDEX_FILE would turn git to another repository."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {
        **kept,
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",  # a partial clone isn't filled up
        "GIT_LFS_SKIP_SMUDGE": "1",
    }


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return one_line(lines[-1], 300) if lines else ""
