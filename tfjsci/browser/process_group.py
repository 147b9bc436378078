"""The browser's processes, found and ended as one: a page that is stuck in wasm can't be asked to close.

Playwright starts the browser in a session of its own, so a signal to that group reaches every process of it and none
of ours. The browser is recognised by a flag of ours on its command line.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

import psutil

_PROFILE_FLAG = "--user-data-dir="


@dataclass(frozen=True, kw_only=True)
class BrowserProcesses:
    """The browser's main process and Playwright's driver, which is its parent."""

    browser: psutil.Process
    group: int | None
    """The browser's process group, where it isn't ours: a tab that spins stays in it when the browser is dead."""

    driver: psutil.Process | None
    profile: Path | None
    """The profile's folder that Playwright made for this browser, and can't always remove when it is killed."""

    def end(self) -> None:
        """Kill the browser and everything below it, wait until they are gone (at most 10 s), remove its profile."""
        _end(self.browser, self.group)
        if self.profile is not None:
            shutil.rmtree(self.profile, ignore_errors=True)

    def end_driver(self) -> None:
        """Kill Playwright's driver too: for when it no longer answers."""
        if self.driver is not None:
            _end(self.driver, group=None)

    def alive(self) -> bool:
        """Whether the browser's main process still runs."""
        return _runs(self.browser)

    def reachable(self) -> bool:
        """Whether Playwright's driver runs as well, without which nobody reaches the browser."""
        return self.alive() and (self.driver is None or _runs(self.driver))


def find_processes(mark: str) -> BrowserProcesses | None:
    """The browser below this process whose command line holds the flag ``mark``."""
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            line = process.cmdline()
            # Its helpers inherit the flag, and say what they are with --type.
            if mark in line and not any(part.startswith("--type=") for part in line):
                parent, group = process.parent(), os.getpgid(process.pid)
                return BrowserProcesses(
                    browser=process,
                    group=None if group == os.getpgrp() else group,
                    driver=None if parent is None or parent.pid == os.getpid() else parent,
                    profile=_profile(line),
                )
    return None


def _profile(line: list[str]) -> Path | None:
    folders = [Path(part.removeprefix(_PROFILE_FLAG)) for part in line if part.startswith(_PROFILE_FLAG)]
    return next((folder for folder in folders if folder.name.startswith("playwright_")), None)


def _end(process: psutil.Process, group: int | None) -> None:
    """Kill ``process``, its descendants, and what is left of its process group ``group``; wait until they are gone."""
    doomed = [process]
    with contextlib.suppress(psutil.Error):
        doomed += process.children(recursive=True)
    if group is not None:
        doomed += [member for member in _members(group) if member not in doomed]
        with contextlib.suppress(ProcessLookupError, PermissionError):
            # At once, so that none has a child meanwhile; the start time guards against a number given out again.
            if process.is_running():
                os.killpg(group, signal.SIGKILL)
    for each in doomed:
        with contextlib.suppress(psutil.Error):  # psutil looks at the start time: a number given out again is let be
            each.kill()
    psutil.wait_procs([each for each in doomed if _runs(each)], timeout=10)


def _members(group: int) -> list[psutil.Process]:
    """The processes of ``group``, whose number the system gives to nobody else as long as there are any."""
    members = []
    for process in psutil.process_iter():
        with contextlib.suppress(ProcessLookupError, PermissionError, psutil.Error):
            if os.getpgid(process.pid) == group:
                members.append(process)
    return members


def _runs(process: psutil.Process) -> bool:
    """Alive; a zombie that its parent hasn't collected yet is not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
