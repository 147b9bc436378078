"""The tabs that jobs run in: one of its own for a job, or one that jobs share, one after another.

A shared one's process has read the release's scripts already; a new one takes two seconds of a processor.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Browser

from tfjsci.browser.tab import Tab, TabDied

MOST_JOBS = 25
"""Of one tab: what their documents leave is for the browser to collect, in its own time."""


class Tabs:
    """Of one browser. At most one is open: between jobs, the one that they share."""

    def __init__(self, browser: Browser, log: logging.Logger) -> None:
        """None is open yet."""
        self.browser = browser
        self._log = log
        self._open: Tab | None = None

    def run(self, address: str, job: Mapping[str, Any], *, share: bool) -> dict[str, Any]:
        """The answer to ``job`` of the page at ``address``, opened anew.

        A tab is kept for the next job where both ``share``, and nothing failed in it. Raises ``TabDied``: the browser isn't to
        be used any more.
        """
        tab = self._reopened(address) if share else None
        if tab is None:
            self._close()
            tab = Tab(self.browser, self._log)
            tab.show(address)
        self._open = tab
        answer = tab.ask(job)
        if not share or "failure" in answer:
            self._close()
        return answer

    def _reopened(self, address: str) -> Tab | None:
        """The shared tab, with the page at ``address``; None where there is none, it had its jobs, or it died since the last."""
        tab = self._open
        if tab is None or tab.jobs >= MOST_JOBS:
            return None
        try:
            tab.show(address)
        except TabDied as died:
            self._log.info("the tab of other jobs is gone: %s", died)
            return None
        return tab

    def _close(self) -> None:
        tab, self._open = self._open, None
        if tab is not None:
            tab.close()
