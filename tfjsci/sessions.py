"""Browsers for a run: one session per TensorFlow.js release, started when first asked for, ended together.

And what they said of their releases, asked once.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType

from tfjsci.browser.protocol import Session
from tfjsci.catalog.asked import catalog_of
from tfjsci.catalog.catalog import Catalog, load_catalog
from tfjsci.dtypes import Backend
from tfjsci.errors import BackendUnavailable, EnvironmentFailed

SessionFactory = Callable[[str], Session]
"""tfjs version -> a new session."""


class Sessions:
    """Hands out sessions, and remembers what can't be had: it isn't tried again for the next model."""

    def __init__(self, make: SessionFactory) -> None:
        self._make = make
        self._made: dict[str, Session] = {}
        self._catalogs: dict[str, Catalog] = {}
        self._missing: dict[str, EnvironmentFailed] = {}
        self._without: dict[tuple[str, Backend], BackendUnavailable] = {}

    def __enter__(self) -> Sessions:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def get(self, tfjs: str, backend: Backend) -> Session:
        """The session for a release. Raises what making it raised, and ``BackendUnavailable`` once a backend was refused."""
        if refused := self._without.get((tfjs, backend)) or self._missing.get(tfjs):
            raise type(refused)(refused.message, hint=refused.hint)
        if tfjs not in self._made:
            try:
                self._made[tfjs] = self._make(tfjs)
            except EnvironmentFailed as error:
                self._missing[tfjs] = error
                raise
        return self._made[tfjs]

    def catalog(self, tfjs: str) -> Catalog:
        """What a release runs: from the package for the release that it was made with, else asked of the release itself.

        Raises what ``get`` raises, and ``BrowserJobFailed``.
        """
        shipped = load_catalog()
        if tfjs == shipped.version:
            return shipped
        if tfjs not in self._catalogs:
            session = self.get(tfjs, "cpu")
            try:
                self._catalogs[tfjs] = catalog_of(session.describe_release(), shipped)
            except EnvironmentFailed as error:
                self.remember(tfjs, "cpu", error)
                raise
        return self._catalogs[tfjs]

    def remember(self, tfjs: str, backend: Backend, error: EnvironmentFailed) -> None:
        """A job found that a backend, or the browser itself, isn't there."""
        if isinstance(error, BackendUnavailable):
            self._without[tfjs, backend] = error
        else:
            self._missing[tfjs] = error

    @property
    def failures(self) -> tuple[EnvironmentFailed, ...]:
        """What couldn't be had, each once."""
        return (*self._missing.values(), *self._without.values())

    def close(self) -> None:
        """End all browsers, the others too when one can't be ended."""
        with ExitStack() as stack:
            for session in self._made.values():
                stack.callback(session.close)
            self._made.clear()
