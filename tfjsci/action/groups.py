"""Progress as the job's log has it: one folded group a model, one line a step, names unable to act."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tfjsci.github.commands import JobLog
from tfjsci.progress import Lines, Step


class _LogStream:
    """What ``Lines`` prints to."""

    def __init__(self, log: JobLog) -> None:
        self._log = log

    def write(self, text: str) -> int:
        """A whole line at a time, as ``print`` gives it: the text, then its end."""
        if text.strip("\n"):
            self._log.line(text)
        return len(text)

    def flush(self) -> None:
        """The log flushes itself."""


class Groups(Lines):
    """``Lines``, folded by model."""

    def __init__(self, log: JobLog) -> None:
        super().__init__(_LogStream(log))  # type: ignore[arg-type]  # all that print needs
        self._log = log
        self._model: str | None = None
        self._open = ExitStack()

    @contextmanager
    def step(self, model: str, what: str) -> Iterator[Step]:
        """As ``Lines``; the first step of another model opens its group."""
        if model != self._model:
            self._open.close()
            self._model = model
            self._open.enter_context(self._log.group(model))
            self._open.enter_context(self._log.quoting())
        with super().step(model, what) as step:
            yield step

    def end(self) -> None:
        """Close the last group, also after an error: what follows are commands again."""
        self._open.close()
        self._model = None
