"""What all tests share: marks that follow from the folder, the cheap tests first, TensorFlow's switches set first."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from tfjsci.graph.tensorflow import SWITCHES

if TYPE_CHECKING:
    from tfjsci.browser.session import BrowserSession

# Before any test module is imported: TensorFlow reads them once, and a test may import it by itself.
os.environ.update(SWITCHES)

# No example has a time limit: a machine that does other things as well is no failure of ours.
hypothesis.settings.register_profile("tfjsci", deadline=None)
hypothesis.settings.load_profile("tfjsci")

TESTS = Path(__file__).parent

# In the order in which they run: what fails cheaply fails first, and TensorFlow is loaded after the quick ones.
MARKS_BY_FOLDER: dict[str, tuple[str, ...]] = {
    "unit": (),
    "repo": (),
    "github": (),
    "tensorflow": ("tensorflow",),
    "browser": ("browser",),
    "end_to_end": ("tensorflow", "browser"),
}
FOLDERS = list(MARKS_BY_FOLDER)


def folder_of(item: pytest.Item) -> str:
    """The folder under ``tests/`` that a test lives in."""
    return item.path.relative_to(TESTS).parts[0]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test as its folder says, and put the folders in their order; inside a folder nothing moves."""
    ours = [item for item in items if item.path.is_relative_to(TESTS)]
    for item in ours:
        for mark in MARKS_BY_FOLDER[folder_of(item)]:
            item.add_marker(mark)
    ours.sort(key=lambda item: FOLDERS.index(folder_of(item)))
    items[:] = [*ours, *(item for item in items if not item.path.is_relative_to(TESTS))]


class _AtOnce:
    """Names a failure at once, with its error: a run that is ended from outside never comes to pytest's summary."""

    def __init__(self, terminal: pytest.TerminalReporter) -> None:
        self._terminal = terminal

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            lines = report.longreprtext.strip().splitlines() or ["(it says nothing)"]
            error = next((line for line in lines if line.startswith("E ")), lines[-1]).removeprefix("E").strip()
            self._terminal.write_line(f"\nFAILED {report.nodeid} ({report.when}): {error[:300]}")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Where there is a terminal: the processes that share the tests have none."""
    if terminal := session.config.pluginmanager.get_plugin("terminalreporter"):
        session.config.pluginmanager.register(_AtOnce(terminal))


@pytest.fixture
def in_the_foreground() -> Iterator[None]:
    """Children hear Ctrl-C, also where the tests themselves run in the background: who ignores it hands that on."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def browser_session() -> Iterator[BrowserSession]:
    """A real Chromium, shared: for tests that neither kill it nor measure how it starts."""
    from tfjsci.browser.session import BrowserSession

    with BrowserSession() as session:
        yield session
