"""A model that never ends, a tab or a browser that dies, Ctrl-C: that job is lost, the next one works, nothing stays behind."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest
from process_watch import started_since
from tiny_models import KERNEL, counting_loop, dense

from tfjsci.browser.session import BrowserSession
from tfjsci.errors import BrowserJobFailed, BrowserMissing

IMAGES = np.array([[1, 0], [0.5, 2]], dtype=np.float32)
START = {"start": np.array(2)}


def works(session: BrowserSession, folder: Path) -> bool:
    (only,) = session.predict(dense(folder), "wasm", [{"images": IMAGES}], deadline_seconds=60)
    return np.array_equal(only.outputs["scores"], IMAGES @ KERNEL)


def spent_by_tabs(browser: psutil.Process) -> dict[psutil.Process, float]:
    """Seconds of the processor, by the tab's process."""
    found = {}
    for child in browser.children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # one of before, on its way out
            if "--type=renderer" in child.cmdline():
                found[child] = child.cpu_times().user
    return found


def once_busy(browser: psutil.Process, work: Callable[[psutil.Process], None]) -> threading.Thread:
    """Does ``work`` with the tab that spins, once one has come to two seconds more of the processor: no other does."""
    before = spent_by_tabs(browser)

    def watch() -> None:
        for _ in range(600):
            for tab, seconds in spent_by_tabs(browser).items():
                if seconds > before.get(tab, 0.0) + 2:
                    return work(tab)
            time.sleep(0.1)
        raise AssertionError("no tab was busy")

    thread = threading.Thread(target=watch)
    thread.start()
    return thread


def leftovers(scratch: Path) -> list[str]:
    """What sessions left in their temporary folder (node's own cache of compiled code aside)."""
    return sorted(path.name for path in scratch.iterdir() if path.name != "node-compile-cache")


@pytest.mark.parametrize("backend", ["cpu", "wasm"])
def test_a_model_that_never_ends_meets_its_deadline(
    rough_session: BrowserSession, backend: str, tmp_path: Path
) -> None:
    endless = counting_loop(tmp_path / "endless", endless=True)
    assert rough_session.probe("cpu").failure is None  # the browser's start is not what is timed here
    start = time.monotonic()
    with pytest.raises(BrowserJobFailed, match=f"predict endless on {backend}: no answer within 3 s"):
        rough_session.predict(endless, "wasm" if backend == "wasm" else "cpu", [START], deadline_seconds=3)
    assert 3 <= time.monotonic() - start < 150  # a browser that doesn't answer gets 15 s to end, and its driver as many
    assert works(rough_session, tmp_path / "next")


def test_a_model_that_is_slow_but_ends_is_let_be(rough_session: BrowserSession, tmp_path: Path) -> None:
    assert works(rough_session, tmp_path / "m")
    (only,) = rough_session.predict(
        counting_loop(tmp_path / "loop", endless=False), "cpu", [START], deadline_seconds=30
    )
    assert only.outputs["count"] == 5


def test_a_killed_browser_costs_that_job_alone(
    rough_session: BrowserSession, rough_browser: psutil.Process, tmp_path: Path
) -> None:
    endless = counting_loop(tmp_path / "endless", endless=True)
    killer = once_busy(rough_browser, lambda _: rough_browser.kill())
    with pytest.raises(BrowserJobFailed, match="predict endless on cpu: the browser died"):
        rough_session.predict(endless, "cpu", [START], deadline_seconds=60)
    killer.join()
    assert works(rough_session, tmp_path / "next")


def test_a_browser_that_dies_while_its_tabs_live_on(
    rough_session: BrowserSession, rough_browser: psutil.Process, tmp_path: Path
) -> None:
    """They keep its pipes open: Playwright hears nothing of the death by itself."""
    endless = counting_loop(tmp_path / "endless", endless=True)

    def kill_it_alone(_: psutil.Process) -> None:
        for child in rough_browser.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                child.suspend()
        rough_browser.kill()

    killer = once_busy(rough_browser, kill_it_alone)
    with pytest.raises(BrowserJobFailed, match="predict endless on cpu: the browser died"):
        rough_session.predict(endless, "cpu", [START], deadline_seconds=100)
    killer.join()
    assert works(rough_session, tmp_path / "next")


def test_a_browser_that_died_between_jobs_is_started_again(
    rough_session: BrowserSession, rough_browser: psutil.Process, tmp_path: Path
) -> None:
    assert works(rough_session, tmp_path / "first")
    rough_browser.kill()
    rough_browser.wait(10)
    assert works(rough_session, tmp_path / "next")


def test_a_driver_that_died_between_jobs_is_started_again(
    rough_session: BrowserSession, rough_browser: psutil.Process, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert works(rough_session, tmp_path / "first")
    driver = rough_browser.parent()
    assert driver is not None
    assert driver.pid != os.getpid()
    driver.kill()
    while driver.is_running() and driver.status() != psutil.STATUS_ZOMBIE:  # whose end asyncio waits for itself
        time.sleep(0.05)
    assert works(rough_session, tmp_path / "next")
    gc.collect()
    assert [each.getMessage() for each in caplog.records if each.name == "asyncio"] == []


def test_a_tab_that_died_between_jobs_is_replaced(
    rough_session: BrowserSession, rough_browser: psutil.Process, tmp_path: Path
) -> None:
    assert works(rough_session, tmp_path / "first")
    tabs = list(spent_by_tabs(rough_browser))
    assert tabs
    for tab in tabs:
        tab.kill()
    psutil.wait_procs(tabs, timeout=120)
    assert works(rough_session, tmp_path / "next")
    assert rough_browser.is_running(), "and the browser stays"


def test_a_crashed_tab_costs_that_job_alone(
    rough_session: BrowserSession, rough_browser: psutil.Process, tmp_path: Path
) -> None:
    endless = counting_loop(tmp_path / "endless", endless=True)

    killer = once_busy(rough_browser, psutil.Process.kill)
    with pytest.raises(BrowserJobFailed, match="predict endless on cpu: the tab crashed"):
        rough_session.predict(endless, "cpu", [START], deadline_seconds=60)
    killer.join()
    assert works(rough_session, tmp_path / "next")


def test_nothing_stays_after_close(tmp_path: Path, scratch: Path) -> None:
    before = psutil.Process().children(recursive=True)  # other tests share a browser
    session = BrowserSession(log_file=tmp_path / "browser.log")
    with pytest.raises(BrowserJobFailed):
        session.predict(counting_loop(tmp_path / "endless", endless=True), "cpu", [START], deadline_seconds=1)
    assert works(session, tmp_path / "m")
    started = started_since(before)
    assert started
    session.close()
    session.close()
    _, alive = psutil.wait_procs(started, timeout=120)
    assert alive == []
    assert leftovers(scratch) == []
    assert "predict m on wasm" in (tmp_path / "browser.log").read_text()
    with pytest.raises(BrowserMissing, match="closed"):
        session.probe("cpu")


CHILD = """
import sys
from pathlib import Path
import numpy as np
sys.path.insert(0, sys.argv[1])
from tiny_models import counting_loop
from tfjsci.browser.session import BrowserSession
with BrowserSession() as session:
    assert session.probe("cpu").failure is None
    print("ready", flush=True)
    session.predict(counting_loop(Path(sys.argv[2]), endless=True), "wasm", [{"start": np.array(2)}], deadline_seconds=100)
"""


@pytest.mark.usefixtures("in_the_foreground")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_leaves_no_process_behind(sent: signal.Signals, tmp_path: Path, scratch: Path) -> None:
    command = [sys.executable, "-c", CHILD, str(Path(__file__).parent), str(tmp_path / "m")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        time.sleep(1)
        started = psutil.Process(child.pid).children(recursive=True)
        assert len(started) > 3
        if sent == signal.SIGINT:
            os.killpg(child.pid, sent)  # as a terminal does: to Playwright's driver as well
        else:
            child.send_signal(sent)
        child.wait(60)
    _, alive = psutil.wait_procs(started, timeout=120)
    assert alive == []
    if sent == signal.SIGINT:
        assert leftovers(scratch) == []
