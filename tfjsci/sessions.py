"""Browsers for a run: one session per TensorFlow.js release, started when first asked for, ended together."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType

from tfjsci.browser.protocol import Session
from tfjsci.dtypes import Backend
from tfjsci.errors import BackendUnavailable, EnvironmentFailed

SessionFactory = Callable[[str], Session]
"""tfjs version -> a new session."""


class Sessions:
    """Hands out sessions, and remembers what can't be had: it isn't tried again for the next model."""

    def __init__(self, make: SessionFactory) -> None:
        self._make = make
        self._made: dict[str, Session] = {}
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
