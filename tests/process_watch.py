"""Processes that a command under test starts, and when they are gone."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from contextlib import suppress

import psutil


def offspring(process: psutil.Process) -> list[psutil.Process]:
    return [child for child in process.children(recursive=True) if child.is_running()]


def runs(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def started_since(before: Collection[psutil.Process]) -> list[psutil.Process]:
    """Those below this process that neither are of ``before`` nor come from one.

    The browser that tests share starts and ends helpers as it likes.
    """
    known, fresh = set(before), []
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # it ends while it is looked at
            if child not in known and not known.intersection(child.parents()):
                fresh.append(child)
    return fresh


def wait_for(condition: Callable[[], object], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.1)
