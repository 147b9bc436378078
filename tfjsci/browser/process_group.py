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
    driver: psutil.Process | None
    profile: Path | None
    """The profile's folder that Playwright made for this browser, and can't always remove when it is killed."""

    def end(self) -> None:
        """Kill the browser and everything below it, wait until they are gone (at most 10 s), remove its profile."""
        _end(self.browser)
        if self.profile is not None:
            shutil.rmtree(self.profile, ignore_errors=True)

    def end_driver(self) -> None:
        """Kill Playwright's driver too: for when it no longer answers."""
        if self.driver is not None:
            _end(self.driver)

    def alive(self) -> bool:
        """Whether the browser's main process still runs."""
        return _runs(self.browser)


def find_processes(mark: str) -> BrowserProcesses | None:
    """The browser below this process whose command line holds the flag ``mark``."""
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            line = process.cmdline()
            # Its helpers inherit the flag, and say what they are with --type.
            if mark in line and not any(part.startswith("--type=") for part in line):
                parent = process.parent()
                ours = parent is None or parent.pid == os.getpid()
                return BrowserProcesses(browser=process, driver=None if ours else parent, profile=_profile(line))
    return None


def _profile(line: list[str]) -> Path | None:
    folders = [Path(part.removeprefix(_PROFILE_FLAG)) for part in line if part.startswith(_PROFILE_FLAG)]
    return next((folder for folder in folders if folder.name.startswith("playwright_")), None)


def _end(process: psutil.Process) -> None:
    """Kill ``process``, its descendants, and its process group where that isn't ours."""
    doomed = [process]
    with contextlib.suppress(psutil.Error):
        doomed += process.children(recursive=True)
    with contextlib.suppress(ProcessLookupError, PermissionError, psutil.Error):
        # psutil's check of the start time guards against a process number that was given out again.
        if process.is_running() and (group := os.getpgid(process.pid)) != os.getpgrp():
            os.killpg(group, signal.SIGKILL)
    for each in doomed:
        with contextlib.suppress(psutil.Error):
            each.kill()
    psutil.wait_procs([each for each in doomed if _runs(each)], timeout=10)


def _runs(process: psutil.Process) -> bool:
    """Alive; a zombie that its parent hasn't collected yet is not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
