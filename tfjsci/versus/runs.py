"""The results of two runs side by side: each number that both have, and whether it got better or worse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tfjsci.compare.comparison import Comparison
from tfjsci.metrics import METRICS
from tfjsci.results.run_result import ModelResult, RunResult
from tfjsci.versus.compared import Change, Direction, RunsCompared

_OUTCOMES = ("fail", "warn", "pass")
_TIMES = (("load_ms", "load"), ("first_inference_ms", "first inference"))


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

Number = tuple[float | None, str, int]
"""The number, its unit, and which way is better: 1 up, -1 down, 0 neither."""


def _numbers(run: RunResult) -> dict[Key, Number]:
    return {key: number for model in run.models for key, number in _of_model(model)}


def _of_model(model: ModelResult) -> Iterator[tuple[Key, Number]]:
    yield (model.name, "outcome"), (float(_OUTCOMES.index(model.outcome)), "outcome", 1)
    for artifact in model.artifacts:
        what = f"{model.name} {artifact.variant}"
        for field in ("raw_bytes", "gzip_bytes", "brotli_bytes"):
            yield (what, field), (float(getattr(artifact.download, field)), "B", -1)
        yield (what, "nodes"), (float(artifact.nodes), "", 0)
    for comparison in model.comparisons:
        yield from _of_comparison(model.name, comparison)
    for benchmark in model.benchmarks:
        where = f"{model.name} {benchmark.variant} on {benchmark.timing.environment.backend}"
        for field, title in _TIMES:
            yield (where, title), (getattr(benchmark.timing, field), "ms", 0)
        yield (where, "steady inference"), (benchmark.steady.median_ms, "ms", 0)


def _of_comparison(model: str, comparison: Comparison) -> Iterator[tuple[Key, Number]]:
    against = f", against {comparison.against}" if comparison.kind == "backends" else ""
    for output in comparison.outputs:
        where = f"{model} {comparison.variant} on {comparison.environment.backend}, output {output.output}{against}"
        yield (where, "has numbers"), (float(output.problem is None), "", 1)
        for name, metric in METRICS.items():
            value = getattr(output, name)
            if value is not None or output.exact:
                yield (where, name), (value, metric.unit, 1 if metric.floor else -1)


def _change(key: Key, before: Number, now: Number) -> Change:
    (a, _, _), (b, unit, better) = before, now
    return Change(what=key[0], metric=key[1], unit=unit, a=a, b=b, direction=_direction(a, b, better))


def _direction(a: float | None, b: float | None, better: int) -> Direction:
    """None: nothing differed, which no number is better than."""
    if a == b:
        return "same"
    if better == 0:
        return "other"
    if a is None or b is None:
        return "worse" if a is None else "better"
    return "better" if (b > a) == (better > 0) else "worse"


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
