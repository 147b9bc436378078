"""pytest's way to a browser: the fixture ``tfjs_browser``, in which a test runs its converted models.

pytest imports this wherever tfjsci is installed, so nothing is imported and nothing started before a test asks for it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tfjsci.browser.protocol import Session
    from tfjsci.browser_model import BrowserModel
    from tfjsci.dtypes import Backend


class TfjsBrowser:
    """One browser for all tests of a run; each prediction has a fresh page in it."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def load_graph_model(self, path: str | os.PathLike[str], backend: Backend = "wasm") -> BrowserModel:
        """As :func:`tfjsci.load_graph_model`, in this browser; wasm, which every machine has, unless another is named."""
        import tfjsci

        return tfjsci.load_graph_model(path, backend, session=self.session)

    def load_layers_model(self, path: str | os.PathLike[str], backend: Backend = "wasm") -> BrowserModel:
        """As :func:`tfjsci.load_layers_model`, in this browser; wasm unless another is named."""
        import tfjsci

        return tfjsci.load_layers_model(path, backend, session=self.session)


@pytest.fixture(scope="session")
def tfjs_browser() -> Iterator[TfjsBrowser]:
    """A real Chromium with TensorFlow.js, started when a test first predicts something, ended with the last test."""
    from tfjsci.browser.session import BrowserSession

    with closing(BrowserSession()) as session:
        yield TfjsBrowser(session)
