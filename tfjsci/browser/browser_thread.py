"""A thread for Playwright, whose synchronous API belongs to one thread and to no running event loop.

So a session works under an event loop (notebooks, asyncio tests) as well as in a plain program; calls wait for their
answer.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tfjsci.browser.chromium import Chromium

_END_SECONDS = 20


class BrowserThread:
    """Runs its calls one after another, in a thread that no event loop lives in."""

    def __init__(self, chromium: Chromium) -> None:
        self.chromium = chromium
        self._work: queue.SimpleQueue[tuple[Callable[[Chromium], Any], Future[Any]] | None] = queue.SimpleQueue()
        self._busy = False
        self._thread = threading.Thread(target=self._serve, name="tfjsci-browser", daemon=True)
        self._thread.start()

    def call(self, work: Callable[[Chromium], Any]) -> Any:
        """What ``work`` returns, or raises."""
        answer: Future[Any] = Future()
        self._work.put((work, answer))
        return answer.result()

    def close(self) -> None:
        """End the browser, also while it is at work."""
        if self._busy:  # the caller was interrupted while it waited (Ctrl-C)
            self.chromium.interrupt()
        self._work.put(None)
        self._thread.join(_END_SECONDS)
        if self._thread.is_alive():
            self.chromium.interrupt(driver=True)
            self._thread.join(_END_SECONDS)

    def _serve(self) -> None:
        while (item := self._work.get()) is not None:
            work, answer = item
            self._busy = True
            try:
                answer.set_result(work(self.chromium))
            except BaseException as error:  # noqa: BLE001  (it is raised where the call was made)
                answer.set_exception(error)
            finally:
                self._busy = False
        self.chromium.close()
