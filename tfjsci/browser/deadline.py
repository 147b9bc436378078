"""A deadline that is kept from outside: the call it guards can't be cancelled, so its browser is ended under it."""

from __future__ import annotations

import threading
from types import TracebackType

from tfjsci.browser.process_group import BrowserProcesses

GRACE_SECONDS = 15
"""From the browser's end until Playwright must have noticed it; then its driver is ended as well."""


class Deadline:
    """``with Deadline(seconds, processes) as deadline:`` ends ``processes`` when the block takes longer."""

    def __init__(self, seconds: float, processes: BrowserProcesses, *, grace_seconds: float = GRACE_SECONDS) -> None:
        """The clock starts when the block is entered."""
        self.passed = False
        self.seconds = seconds
        self._grace_seconds = grace_seconds
        self._processes = processes
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="tfjsci-deadline", daemon=True)

    def _watch(self) -> None:
        if self._done.wait(self.seconds):
            return
        self.passed = True
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
