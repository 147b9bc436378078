"""One Chromium through Playwright: started when first needed, ended and started again when a job breaks it.

Playwright's synchronous API belongs to one thread and to no running event loop; ``session.py`` gives it a thread.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Playwright, sync_playwright

from tfjsci.browser.deadline import GRACE_SECONDS, Deadline
from tfjsci.browser.driver_end import expect_driver_end
from tfjsci.browser.launch import Browser, browser_version, find_browser, plan_launch
from tfjsci.browser.process_group import BrowserProcesses, find_processes
from tfjsci.browser.tab import TabDied
from tfjsci.browser.tabs import Tabs
from tfjsci.errors import BrowserJobFailed, BrowserMissing, TfjsciError

_START_SECONDS = 60
"""A browser in a cold container on a slow disk takes some 20."""

_MESSAGE_LINES = 5
_MESSAGE_CHARACTERS = 2000
_LOG_BYTES = 200_000


class Chromium:
    """Belongs to the thread that calls it, but for ``interrupt``."""

    def __init__(self, env: Mapping[str, str], log: logging.Logger) -> None:
        """Nothing is started yet."""
        self.version = ""
        self._env = dict(env)
        self._log = log
        self._playwright: Playwright | None = None
        self._tabs: Tabs | None = None
        self._found: Browser | None = None
        self._processes: BrowserProcesses | None = None
        self._mark: str | None = None
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._interrupted = False

    def run(
        self,
        address: str,
        job: Mapping[str, Any],
        *,
        what: str,
        deadline_seconds: float,
        fresh_browser: bool,
        share_tab: bool = False,
    ) -> dict[str, Any]:
        """Open the page at ``address`` anew, hand it ``job``, return its answer; ``what`` names the job in messages.

        ``share_tab``: in the tab of other jobs that do; else in one with a profile of its own, and no other is open.

        Raises ``BrowserJobFailed`` when it doesn't answer within the deadline, or its tab or browser dies;
        ``BrowserMissing`` when no browser can be started.
        """
        if fresh_browser:
            self.close_browser()
        tabs, processes = self._started()
        if self._interrupted:
            raise BrowserJobFailed(f"{what}: interrupted")
        with Deadline(deadline_seconds, processes) as deadline:
            try:
                return tabs.run(address, job, share=share_tab)
            except TabDied as died:
                explained = self._explained(died, what, deadline, processes)
                self.close()  # the next job starts anew, driver and all
                raise explained from died

    def find(self) -> Browser:
        """The browser that would be started. Raises ``BrowserMissing``."""
        return find_browser(self._env, fallback=Path(self._driver().chromium.executable_path))

    def close_browser(self) -> None:
        """End the browser; Playwright stays."""
        tabs, self._tabs = self._tabs, None
        processes, self._processes = self._processes, None
        if processes is not None:
            if tabs is not None:
                # A page that is stuck keeps the browser from closing in its own way.
                with Deadline(GRACE_SECONDS, processes), contextlib.suppress(PlaywrightError):
                    tabs.browser.close()
            processes.end()
        self._tidy()

    def close(self) -> None:
        """End everything that was started."""
        processes = self._processes
        self.close_browser()
        playwright, self._playwright = self._playwright, None
        if playwright is None:
            return
        try:
            with Deadline(GRACE_SECONDS, processes) if processes else contextlib.nullcontext():
                playwright.stop()
        except Exception as error:  # noqa: BLE001  (Ctrl-C reaches the driver too; its absence is what we want)
            self._log.info("Playwright's driver was gone before it was stopped: %r", error)

    def interrupt(self, *, driver: bool = False) -> None:
        """From any thread, for good: end the browser (and Playwright's driver), so that a pending ``run`` returns."""
        self._interrupted = True
        processes = self._processes or (find_processes(self._mark) if self._mark else None)
        if processes is not None:
            processes.end()
            if driver:
                processes.end_driver()

    def _driver(self) -> Playwright:
        if self._playwright is None:
            expect_driver_end(self._log)
            self._playwright = sync_playwright().start()
        return self._playwright

    def _started(self) -> tuple[Tabs, BrowserProcesses]:
        # Playwright hears of a death only while it is being called, so the process is looked at, too.
        if (
            self._tabs is not None
            and self._processes is not None
            and self._processes.reachable()
            and self._tabs.browser.is_connected()
        ):
            return self._tabs, self._processes
        if self._tabs is not None:
            self.close()  # it died between jobs, perhaps because the driver did
        found, launch = self.find(), plan_launch(self._env)
        if found != self._found:
            self.version, self._found = browser_version(found), found
        # A folder of ours for what a browser leaves behind when it is killed.
        self._scratch = tempfile.TemporaryDirectory(prefix="tfjsci-", dir=_short_folder(), ignore_cleanup_errors=True)
        self._mark = f"--tfjsci-browser={secrets.token_hex(8)}"
        log_flags = ("--enable-logging", f"--log-file={Path(self._scratch.name) / 'chromium.log'}")
        try:
            browser = self._driver().chromium.launch(
                executable_path=found.path,
                headless=True,
                args=[*launch.flags, *log_flags, self._mark],
                chromium_sandbox=launch.sandbox,
                env={**self._env, "TMPDIR": self._scratch.name},
                timeout=_START_SECONDS * 1000,
            )
        except PlaywrightError as error:
            self._log.error("%s does not start: %s", found.path, error)
            self.close()
            raise BrowserMissing(
                f"{found.path} ({self.version}, from {found.source}) does not start: {_own_words(str(error))}",
                hint="Where its sandbox is the reason, set TFJSCI_SANDBOX=off; `tfjsci doctor` tries again.",
            ) from error
        self._tabs, self._processes = Tabs(browser, self._log), find_processes(self._mark)
        if self._processes is None:
            browser.close()
            self.close()
            raise BrowserMissing(f"{found.path} ({self.version}) ended as soon as it had started")
        self._log.info("%s from %s (%s), flags: %s", self.version, found.path, found.source, " ".join(launch.flags))
        return self._tabs, self._processes

    def _explained(self, died: TabDied, what: str, deadline: Deadline, processes: BrowserProcesses) -> TfjsciError:
        hint = None
        if self._interrupted:
            reason = "interrupted"
        elif deadline.passed:
            reason = f"no answer within {deadline.seconds:g} s"
            hint = "The page never came back, so its browser was ended. If the model is only slow here, raise the deadline."
        elif died.crashed:
            reason = "the tab crashed"
            hint = "Most often the page ran out of memory."
        elif not processes.alive() or "has been closed" in died.reason:  # we close nothing under a running job
            reason = "the browser died"
            hint = "Most often the machine ran out of memory; the end of the browser's own log is in our log file."
        else:
            reason = _cut(died.reason)
        return BrowserJobFailed(
            "\n".join([f"{what}: {reason}", *(f"  console: {line}" for line in died.console)]), hint=hint
        )

    def _tidy(self) -> None:
        """Keep the end of the browser's own log in ours, and remove its folder."""
        scratch, self._scratch = self._scratch, None
        if scratch is None:
            return
        with contextlib.suppress(FileNotFoundError):
            said = (Path(scratch.name) / "chromium.log").read_bytes()[-_LOG_BYTES:].decode("utf-8", "replace")
            if said.strip():
                self._log.debug("the browser's log:\n%s", said.rstrip())
        scratch.cleanup()


def _short_folder() -> str | None:
    """Where to make the browser's temporary folder: None is the system's own choice.

    The browser puts a socket there, and a socket's path has at most 107 characters, of which it needs 40 itself.
    """
    chosen = tempfile.gettempdir()
    return "/tmp" if len(chosen) > 50 and Path("/tmp").is_dir() else None  # noqa: S108  (its folder is made safely)


def _own_words(message: str) -> str:
    """What the browser said on stderr, out of Playwright's account, which begins with 3 kB of flags; else its first line."""
    said = [line.partition("[err] ")[2].strip() for line in message.splitlines() if "[err] " in line]
    said = [line for line in said if line and "dbus" not in line]
    return _cut("\n".join(said[-_MESSAGE_LINES:]) or message.partition("\n")[0])


def _cut(message: str) -> str:
    return message if len(message) <= _MESSAGE_CHARACTERS else f"{message[:_MESSAGE_CHARACTERS]} …"
