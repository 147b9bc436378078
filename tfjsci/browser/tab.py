"""One tab of the browser, and what its pages complained of.

Each job has a document of its own in it: after a crashed wasm kernel the same page computes nonsense.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Mapping
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page
from playwright.sync_api import Error as PlaywrightError

_CONSOLE_LINES = 5
_CONSOLE_CHARACTERS = 500


class TabDied(Exception):
    """A tab died at work, or the browser around it. ``crashed``: the tab alone; ``console``: what its page complained of last."""

    def __init__(self, reason: str, *, crashed: bool, console: tuple[str, ...]) -> None:
        """``reason`` is what Playwright says."""
        super().__init__(reason)
        self.reason = reason
        self.crashed = crashed
        self.console = console


class Tab:
    """A tab with a profile of its own."""

    def __init__(self, browser: Browser, log: logging.Logger) -> None:
        """Nothing is open yet."""
        self.jobs = 0
        self._browser = browser
        self._log = log
        self._context: BrowserContext | None = None
        self._page: Page | None = None
        self._crashed = False
        self._console: tuple[str, ...] = ()

    def show(self, address: str) -> None:
        """The page at ``address``, in a new document. Raises ``TabDied``."""
        self._console = ()
        with self._alive():
            if self._page is None:
                self._context = self._browser.new_context()
                self._page = self._context.new_page()
                self._page.set_default_timeout(0)  # the deadline is kept from outside
                self._listen(self._page)
            self._page.goto(address)

    def ask(self, job: Mapping[str, Any]) -> dict[str, Any]:
        """The answer of the page that is shown. Raises ``TabDied``: what a page throws comes back as an answer."""
        assert self._page is not None
        self.jobs += 1
        with self._alive():
            answer: dict[str, Any] = self._page.evaluate("job => run(job)", job)
        return answer

    def close(self) -> None:
        """Whatever is open."""
        context, self._context, self._page = self._context, None, None
        if context is not None:
            with contextlib.suppress(PlaywrightError):  # it may have died, and said so already
                context.close()

    @contextlib.contextmanager
    def _alive(self) -> Iterator[None]:
        try:
            yield
        except PlaywrightError as error:
            raise TabDied(str(error), crashed=self._crashed, console=self._console) from error

    def _listen(self, page: Page) -> None:
        def on_console(message: ConsoleMessage) -> None:
            self._log.debug("console %s: %s", message.type, message.text)
            if message.type == "error":
                self._remember(message.text)

        def on_crash(_: Page) -> None:
            self._crashed = True

        page.on("console", on_console)
        page.on("pageerror", lambda error: self._remember(str(error)))
        page.on("crash", on_crash)

    def _remember(self, line: str) -> None:
        self._console = (*self._console, " ".join(line.split())[:_CONSOLE_CHARACTERS])[-_CONSOLE_LINES:]
