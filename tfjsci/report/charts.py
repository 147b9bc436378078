"""The charts of one model: sizes, steady times with every sample, and SQNR with its limit.

No colour speaks alone: every bar has its number beside it, and what is missed says so in words.
"""

from __future__ import annotations

import math
import statistics
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tfjsci.benchmark.benchmark import Benchmark
from tfjsci.compare.comparison import Comparison
from tfjsci.escape import one_line
from tfjsci.metrics import limit_text
from tfjsci.report import svg
from tfjsci.report.quartiles import quartiles
from tfjsci.report.svg import Chart, percent
from tfjsci.report.tables import milliseconds
from tfjsci.report.variants import place
from tfjsci.results.run_result import ModelResult
from tfjsci.units import show_bytes
from tfjsci.verdict import PROBLEM, Judgement, Outcome, worst

MOST_SAMPLES = 200
"""Dots of one row; of more samples every n-th in order of size is drawn. The box is made of all."""

_LABEL = 20
"""Characters of a name beside a bar: what fits on a phone beside the number. Tables have the whole name."""

_SIZES = (
    ("raw", "raw_bytes", "download_bytes"),
    ("gzip", "gzip_bytes", "gzip_bytes"),
    ("brotli", "brotli_bytes", "brotli_bytes"),
)
"""What is drawn, its field of ``Download``, and its gate."""

_BAR_SHARE = 60.0
"""Percent of the width that the longest bar of sizes takes; numbers stand to the right of the bars."""

_ROW, _TIME_ROW, _AXIS = 36, 46, 18


def size_chart(model: ModelResult) -> Chart | None:
    """A bar for each variant as it is, as gzip and as brotli, with its budget where there is one near."""
    if not model.artifacts:
        return None
    budgets = {(each.variant, each.gate): each for each in model.judgements if each.unit == "B"}
    largest = max(getattr(each.download, field) for each in model.artifacts for _, field, _ in _SIZES)
    whole = max(largest, *_near(budgets.values(), largest), 1)
    elements: list[ET.Element] = []
    told, y = [], 0
    for artifact in model.artifacts:
        name = one_line(artifact.variant, _LABEL)
        limits = [
            f"{title} {_budget(budgets[artifact.variant, gate])}"
            for title, _, gate in _SIZES
            if (artifact.variant, gate) in budgets
        ]
        elements.append(svg.text(name, y=y + 13, classes="name"))
        elements.append(svg.text(", ".join(limits), x=100, y=y + 13, classes="tick", anchor="end"))
        labels, y = [], y + 20
        for title, field, gate in _SIZES:
            count, budget = getattr(artifact.download, field), budgets.get((artifact.variant, gate))
            width = end = _BAR_SHARE / 100 * percent(count, whole)
            elements.append(svg.rect(0, width, y=y, height=11, classes=f"bar {title}"))
            if budget and budget.limit and budget.limit <= whole:
                at = _BAR_SHARE / 100 * percent(budget.limit, whole)
                elements.append(svg.limit(at, y, 11))
                end = max(width, at)
            labels.append(f"{_verdict(budget)}{show_bytes(count)} {title}")
            elements.append(svg.text(labels[-1], x=end, dx=6, y=y + 10, classes=f"value {_outcome(budget)}"))
            y += 15
        told.append(f"{name}: {', '.join(labels + limits)}")
        y += 10
    description = f"Bars from zero. {'; '.join(told)}."
    return Chart(title="Download size by variant", description=description, height=y, elements=tuple(elements))


def time_charts(model: ModelResult) -> list[Chart]:
    """One for each backend, as backends are orders of magnitude apart: every sample, its box, and the budget."""
    timed = [each for each in model.benchmarks if each.timing.steady_ms]
    places = dict.fromkeys(place(each.timing.environment) for each in timed)
    return [
        _time_chart(model, where, [each for each in timed if place(each.timing.environment) == where])
        for where in places
    ]


def sqnr_chart(model: ModelResult) -> Chart | None:
    """The worst output of each variant on each backend, with the limit that it was held to."""
    rows = [_noise(model, comparison) for comparison in model.comparisons]
    if not rows:
        return None
    marks = svg.ticks(max(number for row in rows for number in (row.sqnr_db, row.limit, 1.0) if number is not None))
    elements = svg.grid(marks, bottom=len(rows) * _ROW, unit="dB")
    for n, row in enumerate(rows):
        y = n * _ROW
        elements.append(svg.text(row.name, y=y + 13, classes="name"))
        elements.append(svg.text(row.text, x=100, y=y + 13, classes=f"value {row.outcome}", anchor="end"))
        # What has no difference at all is better than any number: its bar fills the width.
        length = 100.0 if row.exact else percent(row.sqnr_db or 0.0, marks[-1])
        elements.append(svg.rect(0, length, y=y + 19, height=9, classes=f"bar {row.outcome}"))
        if row.limit is not None:
            elements.append(svg.limit(percent(row.limit, marks[-1]), y + 19, 9))
    return Chart(
        title="Worst SQNR by variant and backend",
        description=f"Signal over error, higher is better. {'; '.join(f'{row.name}: {row.text}' for row in rows)}.",
        height=len(rows) * _ROW + _AXIS,
        elements=tuple(elements),
    )


def _time_chart(model: ModelResult, where: str, benchmarks: Sequence[Benchmark]) -> Chart:
    backend = benchmarks[0].timing.environment.backend
    budgets = {each.variant: each for each in model.judgements if (each.gate, each.backend) == ("steady_ms", backend)}
    largest = max(max(each.timing.steady_ms) for each in benchmarks)
    marks = svg.ticks(max([largest, *_near(budgets.values(), largest)]))
    elements = svg.grid(marks, bottom=len(benchmarks) * _TIME_ROW, unit="ms")
    told = []
    for n, each in enumerate(benchmarks):
        y, samples, budget = n * _TIME_ROW, each.timing.steady_ms, budgets.get(each.variant)
        name, text = one_line(each.variant, _LABEL), f"{_verdict(budget)}{milliseconds(each.steady.median_ms)}"
        if budget and budget.limit:
            text += f", budget {limit_text(milliseconds(budget.limit))}"
        elements.append(svg.text(name, y=y + 13, classes="name"))
        elements.append(svg.text(text, x=100, y=y + 13, classes=f"value {_outcome(budget)}", anchor="end"))
        elements += _strip(samples, marks[-1], y + 20)
        if budget and budget.limit and budget.limit <= marks[-1]:
            elements.append(svg.limit(percent(budget.limit, marks[-1]), y + 20, 18))
        reach = f"{milliseconds(min(samples))} to {milliseconds(max(samples))}"
        told.append(f"{name}: median {text}, {len(samples)} runs from {reach}")
    return Chart(
        title=f"Steady inference on {where}",
        description=f"Every run is a dot, the box is the middle half. {'; '.join(told)}.",
        height=len(benchmarks) * _TIME_ROW + _AXIS,
        elements=tuple(elements),
    )


def _strip(samples: Sequence[float], whole: float, y: int) -> list[ET.Element]:
    """Dots in three lanes, so that neighbours don't hide one another, the box, and the median; 18 pixels high."""
    ordered, (q1, q3) = sorted(samples), quartiles(samples)
    left, right = percent(q1, whole), percent(q3, whole)
    step = math.ceil(len(ordered) / MOST_SAMPLES)
    return [
        svg.level(percent(ordered[0], whole), percent(ordered[-1], whole), y + 9, "whisker"),
        svg.rect(left, right - left, y=y + 2, height=14, classes="box"),
        *(svg.dot(percent(sample, whole), y + 4 + 5 * (n % 3)) for n, sample in enumerate(ordered[::step])),
        svg.upright(percent(statistics.median(ordered), whole), y, y + 18, "median"),
    ]


@dataclass(frozen=True, kw_only=True)
class _Noise:
    name: str
    text: str
    sqnr_db: float | None
    limit: float | None
    exact: bool
    outcome: Outcome


def _noise(model: ModelResult, comparison: Comparison) -> _Noise:
    where = (comparison.variant, comparison.environment.backend)
    judged = [
        each
        for each in model.judgements
        if each.gate in ("sqnr_db", PROBLEM) and (each.variant, each.backend) == where and not each.between_backends
    ]
    outcome = worst(each.outcome for each in judged)
    numbers = {each.output: each.sqnr_db for each in comparison.outputs if each.sqnr_db is not None}
    output = min(numbers, key=lambda name: numbers[name], default=None)
    exact = bool(comparison.outputs) and all(each.exact and not each.nothing_finite for each in comparison.outputs)
    limit: float | None = None
    if output is None or any(each.problem or each.nothing_finite for each in comparison.outputs):
        # One output without a number says more than the numbers of the others.
        sqnr_db, text = None, "bit for bit the same" if exact else "no number"
    else:
        sqnr_db = numbers[output]
        limit = next((each.limit for each in judged if each.output == output and each.unit == "dB"), None)
        text = f"{sqnr_db:.3g} dB" + (f", limit {limit:g} dB" if limit is not None else "")
    name = f"{one_line(comparison.variant, _LABEL)} · {comparison.environment.backend}"
    prefix = "" if outcome == "pass" else f"{outcome}: "
    return _Noise(name=name, text=prefix + text, sqnr_db=sqnr_db, limit=limit, exact=exact, outcome=outcome)


def _budget(judgement: Judgement) -> str:
    return f"budget {limit_text(show_bytes(judgement.limit or 0))}"


def _near(budgets: Iterable[Judgement], largest: float) -> list[float]:
    """The limits that fit on a scale; one far beyond the bars would flatten them, and is told but not drawn."""
    return [each.limit for each in budgets if each.limit and each.limit <= 2 * largest]


def _outcome(judgement: Judgement | None) -> Outcome:
    return judgement.outcome if judgement else "pass"


def _verdict(judgement: Judgement | None) -> str:
    return "" if _outcome(judgement) == "pass" else f"{_outcome(judgement)}: "
