"""Did it become faster? Only an interval that leaves out "no change" is an answer; the others are unclear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tfjsci.benchmark.race import MIN_BLOCKS, ratio_interval
from tfjsci.browser.protocol import BackendEnvironment
from tfjsci.dtypes import Backend
from tfjsci.signature import TensorSpec

FEWEST_RUNS = 2 * MIN_BLOCKS
"""Two pairs of runs make a block."""

ChangeWord = Literal["faster", "slower", "unclear", "identical", "incomparable"]
"""``unclear``: the interval holds 1. ``identical``: the same bytes, not timed. ``incomparable``: there is no interval."""


@dataclass(frozen=True, kw_only=True)
class TimeChange:
    """One variant on one backend: this run's time over the base's, below 1 is faster.

    ``low`` to ``high`` holds the true ratio with 95 % confidence; they and ``ratio`` are None where ``verdict`` is
    identical or incomparable, which ``reason`` explains. The samples are milliseconds; run i of one was beside run i of
    the other, in one page.
    """

    variant: str
    backend: Backend
    verdict: ChangeWord
    reason: str | None = None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    base_ms: tuple[float, ...] = ()
    head_ms: tuple[float, ...] = ()
    environment: BackendEnvironment | None = None


def time_change(
    *,
    variant: str,
    backend: Backend,
    base_ms: Sequence[float],
    head_ms: Sequence[float],
    environment: BackendEnvironment,
) -> TimeChange:
    """What samples that took turns say of it."""
    samples = TimeChange(
        variant=variant,
        backend=backend,
        verdict="incomparable",
        base_ms=tuple(base_ms),
        head_ms=tuple(head_ms),
        environment=environment,
    )
    try:
        interval = ratio_interval(base_ms, head_ms)
    except ValueError as error:
        return replace(samples, reason=str(error))
    # An end at exactly 1 doesn't exclude it: a clock that ticks coarsely makes such intervals.
    verdict: ChangeWord = "faster" if interval.high < 1 else "slower" if interval.low > 1 else "unclear"
    return replace(samples, verdict=verdict, ratio=interval.ratio, low=interval.low, high=interval.high)


def incomparable(variant: str, backend: Backend, reason: str) -> TimeChange:
    """No interval, and why."""
    return TimeChange(variant=variant, backend=backend, verdict="incomparable", reason=reason)


def identical(variant: str, backend: Backend) -> TimeChange:
    """The same bytes: a difference in their times would be an error of the measurement."""
    return TimeChange(variant=variant, backend=backend, verdict="identical", reason="the artifacts are the same bytes")


def why_not_raced(*, base: Sequence[TensorSpec], head: Sequence[TensorSpec], runs: int) -> str | None:
    """Why the two can't be given the same inputs side by side, or None."""
    if runs < FEWEST_RUNS:
        return f"benchmark.runs is {runs}, and an interval needs at least {FEWEST_RUNS}"
    return why_not_given_the_same(base=base, head=head)


def why_not_given_the_same(*, base: Sequence[TensorSpec], head: Sequence[TensorSpec]) -> str | None:
    """Why the two can't be given the same inputs, or None."""
    before, now = ({spec.name: (spec.dtype, spec.shape) for spec in specs} for specs in (base, head))
    if gone := sorted(before.keys() - now.keys()):
        return f"the base has the input {gone[0]}, and this one doesn't"
    if new := sorted(now.keys() - before.keys()):
        return f"the input {new[0]} is new"
    for name, (dtype, shape) in now.items():
        if before[name] != (dtype, shape):
            return f"the input {name} is {dtype} {_show(shape)}, and was {before[name][0]} {_show(before[name][1])}"
    return None


def _show(shape: tuple[int | None, ...] | None) -> str:
    if shape is None:
        return "of any shape"
    return f"[{', '.join('?' if size is None else str(size) for size in shape)}]"
