"""A deadline that is kept from outside: the call it guards can't be cancelled, so its browser is ended under it.

A browser that dies ends the call by itself, as a rule. Where a process of it outlives it (a tab that spins), Playwright
hears nothing until that one is gone as well.
"""

from __future__ import annotations

import threading
import time
from types import TracebackType

from tfjsci.browser.process_group import BrowserProcesses

GRACE_SECONDS = 15
"""From the browser's end until Playwright must have noticed it; then its driver is ended as well."""

_LOOK_SECONDS = 1.0
_LOOKS = 3
"""How often a browser must be found dead, with the call still waiting, before what it left is ended."""


class Deadline:
    """``with Deadline(seconds, processes) as deadline:`` ends ``processes`` when the block takes longer,

    or doesn't end though the browser's main process is dead; ``passed`` is true in the first case alone.
    """

    def __init__(self, seconds: float, processes: BrowserProcesses, *, grace_seconds: float = GRACE_SECONDS) -> None:
        """The clock starts when the block is entered."""
        self.passed = False
        self.seconds = seconds
        self._grace_seconds = grace_seconds
        self._processes = processes
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="tfjsci-deadline", daemon=True)

    def _watch(self) -> None:
        end, dead = time.monotonic() + self.seconds, 0
        while dead < _LOOKS:
            left = end - time.monotonic()
            if self._done.wait(max(0.0, min(left, _LOOK_SECONDS))):
                return
            if left <= 0:
                self.passed = True
                break
            dead = 0 if self._processes.alive() else dead + 1
        self._processes.end()
        if not self._done.wait(self._grace_seconds):
            self._processes.end_driver()

    def __enter__(self) -> Deadline:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()
