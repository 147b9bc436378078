"""What asyncio says of the driver's end goes into the log, and nothing else does."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tfjsci.browser.driver_end import expect_driver_end

ASYNCIO = logging.getLogger("asyncio")
OURS = logging.getLogger("tfjsci.test_driver_end")
LOST = "Future exception was never retrieved\nfuture: <Future finished exception=%s>"


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    before = list(ASYNCIO.filters)
    ASYNCIO.filters.clear()
    yield
    ASYNCIO.filters[:] = before


def test_the_driver_s_end_is_told_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    expect_driver_end(OURS)
    ASYNCIO.error(LOST, "Exception('Connection closed while reading from the driver')")
    assert [(each.name, each.levelname) for each in caplog.records] == [(OURS.name, "INFO")]
    assert "driver ended" in caplog.text


def test_other_complaints_stay(caplog: pytest.LogCaptureFixture) -> None:
    expect_driver_end(OURS)
    ASYNCIO.error(LOST, "ValueError('something else')")
    assert [each.name for each in caplog.records] == ["asyncio"]


def test_it_is_told_once_however_many_drivers_there_were(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    expect_driver_end(OURS)
    expect_driver_end(OURS)
    ASYNCIO.error(LOST, "Exception('Connection closed while reading from the driver')")
    assert len(caplog.records) == 1
