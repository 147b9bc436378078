"""A browser for a call that may need one, or none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tfjsci.browser.protocol import Session


@contextmanager
def one_browser() -> Iterator[Callable[[], Session]]:
    """Hands out one browser, started when it is first asked for, and ends it."""
    with ExitStack() as stack:
        started: list[Session] = []

        def session() -> Session:
            if not started:
                from tfjsci.browser.session import BrowserSession

                started.append(stack.enter_context(BrowserSession()))
            return started[0]

        yield session
