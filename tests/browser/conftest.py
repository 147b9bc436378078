"""A browser of a test's own, to be killed, with a temporary folder of its own, to be found empty; and pages for many graphs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from conformance import Pages

from tfjsci.browser.session import BrowserSession


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    """A page for each backend, opened when it is asked for, that runs many graphs one after another."""
    opened = Pages()
    yield opened
    opened.close()


@pytest.fixture
def scratch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The temporary folder of this process and its children. Short, as the browser's sockets lie in it."""
    with tempfile.TemporaryDirectory(prefix="t-", ignore_cleanup_errors=True) as folder:
        monkeypatch.setenv("TMPDIR", folder)
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


@pytest.fixture
def rough_session(tmp_path: Path, scratch: Path) -> Iterator[BrowserSession]:
    """Not shared: for tests after which the browser isn't the same."""
    with BrowserSession(log_file=tmp_path / "browser.log") as session:
        yield session


@pytest.fixture
def rough_browser(rough_session: BrowserSession) -> psutil.Process:
    """The main process of ``rough_session``'s browser, which is up."""
    before = {process.pid for process in _main_processes()}
    failure = rough_session.probe("cpu").failure
    assert failure is None
    (ours,) = (process for process in _main_processes() if process.pid not in before)
    return ours


def _main_processes() -> Iterator[psutil.Process]:
    """Browsers below this process, by the flag that every session gives its own."""
    for process in psutil.Process().children(recursive=True):
        try:
            line = process.cmdline()
        except psutil.NoSuchProcess:
            continue
        if any(part.startswith("--tfjsci-browser=") for part in line) and not any(
            p.startswith("--type=") for p in line
        ):
            yield process
