"""The results of two runs side by side: each number that both have, and whether it got better or worse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tfjsci.browser.protocol import BackendEnvironment
from tfjsci.compare.comparison import Comparison, OutputComparison
from tfjsci.metrics import METRICS
from tfjsci.results.run_result import ModelResult, RunResult
from tfjsci.verdict.tolerances import conversion_tolerances
from tfjsci.versus.compared import Change, Direction, RunsCompared

_OUTCOMES = ("fail", "warn", "pass")
_TIMES = (("load_ms", "load"), ("first_inference_ms", "first inference"))
_ROUNDED = frozenset({"sqnr_db", "psnr_db", "cosine", "max_abs", "max_relative", "rmse", "kl"})
"""Metrics that another order of additions changes. The others count: which class, which value, is the same or isn't."""


def compare_runs(a: RunResult, b: RunResult, *, names: tuple[str, str]) -> RunsCompared:
    """``b`` beside ``a``; ``names`` is how they are called."""
    before, now = (_numbers(run) for run in (a, b))
    changes = tuple(_change(key, before[key], value) for key, value in now.items() if key in before)
    return RunsCompared(
        a=names[0],
        b=names[1],
        changes=changes,
        only_a=_only(before, now),
        only_b=_only(now, before),
    )


Key = tuple[str, str]
"""What a number is of, and which."""


class Number(NamedTuple):
    """``better`` is the way in which it is: 1 up, -1 down, 0 neither. ``value`` is None where nothing differed.

    ``error`` is that of its output relative to the output's size, where rounding has a part in it, and ``rounding`` how
    large that part may be.
    """

    value: float | None
    unit: str
    better: int
    error: float | None = None
    rounding: float = 0.0


def _numbers(run: RunResult) -> dict[Key, Number]:
    return {key: number for model in run.models for key, number in _of_model(model)}


def _of_model(model: ModelResult) -> Iterator[tuple[Key, Number]]:
    yield (model.name, "outcome"), Number(float(_OUTCOMES.index(model.outcome)), "outcome", 1)
    for artifact in model.artifacts:
        what = f"{model.name} {artifact.variant}"
        for field in ("raw_bytes", "gzip_bytes", "brotli_bytes"):
            yield (what, field), Number(float(getattr(artifact.download, field)), "B", -1)
        yield (what, "nodes"), Number(float(artifact.nodes), "", 0)
    for comparison in model.comparisons:
        yield from _of_comparison(model.name, comparison)
    for benchmark in model.benchmarks:
        where = f"{model.name} {benchmark.variant} on {benchmark.timing.environment.backend}"
        for field, title in _TIMES:
            yield (where, title), Number(getattr(benchmark.timing, field), "ms", 0)
        yield (where, "steady inference"), Number(benchmark.steady.median_ms, "ms", 0)


def _of_comparison(model: str, comparison: Comparison) -> Iterator[tuple[Key, Number]]:
    rounding = _rounding(comparison.environment)
    against = f", against {comparison.against}" if comparison.kind == "backends" else ""
    for output in comparison.outputs:
        where = f"{model} {comparison.variant} on {comparison.environment.backend}, output {output.output}{against}"
        yield (where, "has numbers"), Number(float(output.problem is None), "", 1)
        for name, metric in METRICS.items():
            value = getattr(output, name)
            if value is not None or output.exact:
                error = _error(output) if name in _ROUNDED else None
                yield (where, name), Number(value, metric.unit, 1 if metric.floor else -1, error, rounding)


def _error(output: OutputComparison) -> float | None:
    """Relative to the output's own size; None of one that is zero throughout."""
    if output.exact:
        return 0.0
    return None if output.sqnr_db is None else float(10 ** (-output.sqnr_db / 20))


def _rounding(environment: BackendEnvironment) -> float:
    """What another order of additions, on another machine, may do: a tenth of the error that a conversion is warned for."""
    usual = conversion_tolerances(environment.backend, environment.flags).sqnr_db
    return float(10 ** (-(usual.warn or usual.error) / 20)) / 10


def _change(key: Key, before: Number, now: Number) -> Change:
    return Change(
        what=key[0], metric=key[1], unit=now.unit, a=before.value, b=now.value, direction=_direction(before, now)
    )


def _direction(before: Number, now: Number) -> Direction:
    """No number is better than that nothing differed."""
    a, b = before.value, now.value
    if a == b:
        return "same"
    if now.better == 0 or _is_rounding(before, now):
        return "other"
    if a is None or b is None:
        return "worse" if a is None else "better"
    return "better" if (b > a) == (now.better > 0) else "worse"


def _is_rounding(before: Number, now: Number) -> bool:
    if before.error is None or now.error is None:
        return False
    return abs(now.error - before.error) <= max(before.rounding, now.rounding)


def _only(one: dict[Key, Number], other: dict[Key, Number]) -> tuple[str, ...]:
    """What the other hasn't got; what belongs to something that it hasn't got isn't told again."""
    there = {what for what, _ in other}
    found: list[str] = []
    for what in dict.fromkeys(what for what, _ in one if what not in there):
        if not any(what.startswith(f"{whole} ") for whole in found):
            found.append(what)
    return tuple(found)


def worse_first(changes: Sequence[Change]) -> list[Change]:
    """What got worse, then what got better, then the rest that changed; in order otherwise."""
    order: tuple[Direction, ...] = ("worse", "better", "other", "same")
    return sorted(changes, key=lambda each: order.index(each.direction))
