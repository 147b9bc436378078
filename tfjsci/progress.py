"""What the user sees while a run goes on: one line a step, and on a terminal a bar with the elapsed time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol, TextIO

from tfjsci.escape import one_line
from tfjsci.units import show_seconds

DETAIL_LIMIT = 200
"""Characters of a step's detail: a sentence about what failed is longer than a name."""


@dataclass
class Step:
    """A step under way; ``detail`` is what its finished line will say beside its duration."""

    detail: str = ""
    failed: bool = False
    say: Callable[[str], None] = lambda _: None
    """Tells who watches what a long step is at."""
    seconds: float = field(default=0.0)


class Progress(Protocol):
    """Told of each step by the pipeline."""

    def begin(self, steps: int) -> None:
        """How many steps there will be, about."""
        ...

    def step(self, model: str, what: str) -> AbstractContextManager[Step]:
        """A context around one step."""
        ...

    def skip(self, steps: int) -> None:
        """Steps that won't be taken after all."""
        ...

    def end(self) -> None:
        """Nothing more comes."""
        ...


class Silent:
    """Says nothing (``--quiet``, and from Python)."""

    def begin(self, steps: int) -> None:
        """Nothing."""

    @contextmanager
    def step(self, model: str, what: str) -> Iterator[Step]:  # noqa: ARG002
        """Time it, and say nothing."""
        with _followed(Step()) as step:
            yield step

    def skip(self, steps: int) -> None:
        """Nothing."""

    def end(self) -> None:
        """Nothing."""


class Lines:
    """One plain line a step, for logs: ``[ 3/12] digits: compare float on wasm: 131 dB (0.8 s)``."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._done = self._total = 0

    def begin(self, steps: int) -> None:
        """Set the total."""
        self._total += steps

    @contextmanager
    def step(self, model: str, what: str) -> Iterator[Step]:
        """Print its line when it ends, whichever way."""
        step = Step()
        try:
            with _followed(step):
                yield step
        finally:
            self._done += 1
            width = len(str(self._total))
            # A reader who left (tfjsci run 2>&1 | head) is no reason to stop the run, nor a failure of this step.
            with suppress(BrokenPipeError):
                print(f"[{self._done:{width}}/{self._total}] {line_of(model, what, step)}", file=self._out, flush=True)

    def skip(self, steps: int) -> None:
        """Count them as gone."""
        self._total -= steps

    def end(self) -> None:
        """Nothing to tear down."""


class Bar:
    """The same lines on a terminal, above a bar that says what is going on now and since when."""

    def __init__(self, out: TextIO) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as RichProgress

        self._console = Console(file=out, highlight=False)
        self._progress = RichProgress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._progress.add_task("starting", total=0)
        self._total = 0

    def begin(self, steps: int) -> None:
        """Show the bar."""
        self._total += steps
        self._progress.update(self._task, total=self._total)
        self._progress.start()

    @contextmanager
    def step(self, model: str, what: str) -> Iterator[Step]:
        """Name it in the bar, then leave its line above."""
        from rich.text import Text

        def say(now: str) -> None:
            self._progress.update(self._task, description=f"{one_line(model)}: {one_line(what)}: {one_line(now)}")

        step = Step(say=say)
        self._progress.update(self._task, description=f"{one_line(model)}: {one_line(what)}")
        try:
            with _followed(step):
                yield step
        finally:
            mark, style = ("✗", "red") if step.failed else ("✓", "green")
            self._console.print(Text(f"{mark} ", style), Text(line_of(model, what, step)), sep="", soft_wrap=True)
            self._progress.advance(self._task)

    def skip(self, steps: int) -> None:
        """Shorten the bar."""
        self._total -= steps
        self._progress.update(self._task, total=self._total)

    def end(self) -> None:
        """Take the bar away."""
        self._progress.stop()


def line_of(model: str, what: str, step: Step) -> str:
    """A finished step in words."""
    detail = f": {one_line(step.detail, DETAIL_LIMIT)}" if step.detail else ""
    failed = ": failed" if step.failed and not step.detail else ""
    return f"{one_line(model)}: {one_line(what)}{detail}{failed} ({show_seconds(step.seconds)})"


@contextmanager
def _followed(step: Step) -> Iterator[Step]:
    """How long it takes, and whether it fails."""
    start = time.monotonic()
    try:
        yield step
    except BaseException:
        step.failed = True
        raise
    finally:
        step.seconds = time.monotonic() - start
