"""Which tab a job runs in, and when that is closed: asked of a browser that only counts."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Error as PlaywrightError

from tfjsci.browser.tab import TabDied
from tfjsci.browser.tabs import MOST_JOBS, Tabs


class Page:
    """Answers with the address that it shows; ``dies`` is what a call of it is to raise."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.on: Any = lambda event, heard: self.heard.update({event: heard})
        self.heard: dict[str, Callable[..., None]] = {}
        self.dies = ""
        self.open = True

    def set_default_timeout(self, milliseconds: float) -> None:
        assert milliseconds == 0

    def goto(self, address: str) -> None:
        if self.dies:
            raise PlaywrightError(self.dies)
        self.shown.append(address)

    def evaluate(self, script: str, job: dict[str, Any]) -> dict[str, Any]:
        if job.get("crashes"):
            self.heard["pageerror"]("out of\n memory")
            self.heard["crash"](self)
            raise PlaywrightError("Target crashed")
        return {"at": self.shown[-1], **job}

    # it stands for its profile as well
    def new_page(self) -> Page:
        return self

    def close(self) -> None:
        self.open = False


class Browser:
    def __init__(self) -> None:
        self.pages: list[Page] = []

    def new_context(self) -> Page:
        self.pages.append(Page())
        return self.pages[-1]

    @property
    def open(self) -> list[bool]:
        return [page.open for page in self.pages]


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def tabs(browser: Browser) -> Tabs:
    made: Any = browser
    return Tabs(made, logging.getLogger("test"))


def test_jobs_that_share_have_one_tab_and_a_document_each(tabs: Tabs, browser: Browser) -> None:
    assert tabs.run("/a", {"n": 1}, share=True) == {"at": "/a", "n": 1}
    assert tabs.run("/b", {"n": 2}, share=True) == {"at": "/b", "n": 2}
    assert [page.shown for page in browser.pages] == [["/a", "/b"]]
    assert browser.open == [True]


def test_who_shares_none_has_one_alone(tabs: Tabs, browser: Browser) -> None:
    tabs.run("/a", {}, share=True)
    tabs.run("/a", {}, share=False)
    assert browser.open == [False, False]
    tabs.run("/a", {}, share=True)
    assert browser.open == [False, False, True]


def test_a_tab_in_which_a_job_failed_is_not_used_again(tabs: Tabs, browser: Browser) -> None:
    assert tabs.run("/a", {"failure": "why"}, share=True)["failure"] == "why"
    assert browser.open == [False]


def test_a_tab_has_its_number_of_jobs(tabs: Tabs, browser: Browser) -> None:
    for _ in range(MOST_JOBS):
        tabs.run("/a", {}, share=True)
    assert browser.open == [True]
    tabs.run("/a", {}, share=True)
    assert browser.open == [False, True]


def test_one_that_died_between_jobs_is_replaced(tabs: Tabs, browser: Browser) -> None:
    tabs.run("/a", {}, share=True)
    browser.pages[0].dies = "Target crashed"
    assert tabs.run("/b", {}, share=True) == {"at": "/b"}
    assert browser.open == [False, True]


def test_one_that_dies_at_work_says_how(tabs: Tabs) -> None:
    with pytest.raises(TabDied, match="Target crashed") as died:
        tabs.run("/a", {"crashes": True}, share=True)
    assert died.value.crashed
    assert died.value.console == ("out of memory",)
