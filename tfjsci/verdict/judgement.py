"""What a limit held against a fact comes to, and what several of them come to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from tfjsci.dtypes import Level
from tfjsci.errors import ExitCode, gravest

Outcome = Literal["pass", "warn", "fail"]

PROBLEM = "problem"
"""The gate of outputs that have no numbers; no level lowers it."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """One limit held against one fact.

    ``gate`` is the limit's key in the manifest (``sqnr_db``, ``steady_ms``), ``leak``, or ``problem``; ``key`` its
    full path there (``compare.quantized.uint8.sqnr_db``), or ``default`` limits' (``compare.conversion.sqnr_db
    (default)``). ``outcome`` is ``pass`` when the limit is held; a miss is ``fail`` at level error, ``warn`` at level
    warn. ``reason`` is one sentence with the numbers in it.
    """

    gate: str
    key: str
    outcome: Outcome
    level: Level
    reason: str
    variant: str | None = None
    backend: str | None = None
    output: str | None = None
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    metric: str | None = None
    """The name of the user's own, where the gate is ``metric``."""

    @property
    def between_backends(self) -> bool:
        """Whether it is about float on two backends, and not about an artifact and its original."""
        return self.key.startswith("compare.backends.") or self.key == "compare.backends"


def outcome_of(judgements: Iterable[Judgement], failures: Sequence[object]) -> Outcome:
    """A model's outcome: a stage that couldn't be done fails it, else its worst judgement counts."""
    return "fail" if failures else worst(each.outcome for each in judgements)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The worst of several outcomes, ``pass`` of none."""
    severity: tuple[Outcome, ...] = ("pass", "warn", "fail")
    return max(outcomes, key=severity.index, default="pass")


def exit_code_of(outcomes: Iterable[Outcome], failure_codes: Iterable[int]) -> ExitCode:
    """A run's exit code from its models' outcomes and the exit codes of all failures, its own and its models'."""
    codes = [ExitCode(code) for code in failure_codes]
    return gravest([*codes, *(ExitCode.MODEL for outcome in outcomes if outcome == "fail")])


def miss(missed: bool, level: Level) -> Outcome:
    """What a limit comes to that is ``missed`` or not, at its level."""
    return "pass" if not missed else "fail" if level == "error" else "warn"


def apart(value: float, limit: float, show: Callable[[float], str], unit: str) -> str:
    """``value`` as ``show`` has it, or with more digits and its bare ``unit`` where it would look like the limit."""
    if value == limit or show(value) != show(limit):
        return show(value)
    # 17 digits tell any two floats apart; but the limit is shown rounded, maybe to the very value
    texts = [f"{value:.{digits}g}" for digits in range(4, 18) if f"{value:.{digits}g}" != f"{limit:.{digits}g}"]
    told = next((text for text in texts if f"{text} {unit}".rstrip() != show(limit)), repr(value))
    return f"{told} {unit}".rstrip()
