"""One step of a model's run: shown, timed, and what it raises turned into a ``Failure`` of its stage."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tfjsci.browser.protocol import Session
from tfjsci.dtypes import Backend
from tfjsci.errors import EnvironmentFailed, ExitCode, TfjsciError
from tfjsci.manifest.resolved import ModelSpec
from tfjsci.plan import StageName
from tfjsci.progress import Progress, Step
from tfjsci.results.run_result import Failure
from tfjsci.sessions import Sessions

log = logging.getLogger("tfjsci")


@dataclass
class Ledger:
    """What the steps of one model leave behind: what failed, and the seconds of each stage."""

    failures: list[Failure] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


class Steps:
    """Runs the steps of one model; none of them raises, unless it is interrupted."""

    def __init__(self, spec: ModelSpec, progress: Progress, ledger: Ledger) -> None:
        self._spec = spec
        self._progress = progress
        self._ledger = ledger
        self.taken = 0

    @contextmanager
    def step(
        self, stage: str, what: str, *, backend: Backend | None = None, variant: str | None = None
    ) -> Iterator[Step]:
        """One line of progress; ``taken`` counts them."""
        self.taken += 1
        shown: Step | None = None
        try:
            with self._progress.step(self._spec.name, what) as shown:
                try:
                    yield shown
                except Exception as error:
                    shown.detail = failure_message(error)
                    raise
        except Exception as error:  # noqa: BLE001  # the one guard: the other stages and models go on
            log.error("%s: %s\n%s", self._spec.name, what, "".join(traceback.format_exception(error)))
            self._ledger.failures.append(failure_of(stage, error, backend=backend, variant=variant))
        finally:
            if shown is not None:
                self._ledger.seconds[stage] = self._ledger.seconds.get(stage, 0.0) + shown.seconds

    @contextmanager
    def unshown(self, stage: str, *, backend: Backend | None = None, variant: str | None = None) -> Iterator[None]:
        """What takes no time and has no line of its own; what it raises is a failure all the same."""
        try:
            yield
        except Exception as error:  # noqa: BLE001  # as above
            log.error("%s: %s\n%s", self._spec.name, stage, "".join(traceback.format_exception(error)))
            self._ledger.failures.append(failure_of(stage, error, backend=backend, variant=variant))

    @contextmanager
    def browser_step(
        self, sessions: Sessions, backend: Backend, stage: StageName, variant: str
    ) -> Iterator[tuple[Step, Callable[[], Session]]]:
        """A step, and what gives it the browser; that a backend isn't there is remembered for the next one.

        The browser is asked for inside of the block: a context manager that raises before its block can't leave it out.
        """
        with self.step(stage, f"{stage} {variant} on {backend}", backend=backend, variant=variant) as step:
            try:
                yield step, lambda: sessions.get(self._spec.tfjs, backend)
            except EnvironmentFailed as error:
                sessions.remember(self._spec.tfjs, backend, error)
                raise


def failure_message(error: Exception) -> str:
    """What a failed step says: the error's own first line, or that it is a bug of ours."""
    if isinstance(error, TfjsciError):
        return error.message
    return f"a bug of tfjsci: {type(error).__name__}: {error}"


def failure_of(stage: str, error: Exception, *, backend: str | None = None, variant: str | None = None) -> Failure:
    """An error as a value: an expected one with its own code and exit code, anything else as a bug of ours."""
    return Failure(
        stage=stage,
        code=error.code if isinstance(error, TfjsciError) else "bug",
        exit_code=int(error.exit_code if isinstance(error, TfjsciError) else ExitCode.BUG),
        message=failure_message(error),
        hint=error.hint if isinstance(error, TfjsciError) else "Please report it, with the log file.",
        backend=backend,
        variant=variant,
    )
