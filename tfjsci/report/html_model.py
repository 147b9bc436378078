"""What the page tells of one model: what failed and what to do, its charts, and the numbers that they are made of."""

from __future__ import annotations

import string
from dataclasses import dataclass

from tfjsci.benchmark.benchmark import Benchmark
from tfjsci.catalog.check import LoweredOp, UnsupportedOp
from tfjsci.escape import MESSAGE_LIMIT, one_line, shorten
from tfjsci.listed import plural
from tfjsci.localize.localization import Localization
from tfjsci.report import searched
from tfjsci.report.advice import UNSUPPORTED_OPS, Finding, Step, findings, reproduce, unmet
from tfjsci.report.alike import Alike, alike
from tfjsci.report.charts import size_chart, sqnr_chart, time_charts
from tfjsci.report.culprit import (
    MOST_WEIGHTS,
    WEIGHTS,
    exclude_entry,
    path_columns,
    ranking_sentence,
    steps_of,
    title_of,
)
from tfjsci.report.culprit_chart import error_chart
from tfjsci.report.files import FILES, FIRST, file_rows
from tfjsci.report.html_table import SAMPLES, TableView, table
from tfjsci.report.markup import in_one_line
from tfjsci.report.measured import SIZES, OutputRow, fidelity_columns, output_rows, rests_on, timing_columns
from tfjsci.report.quartiles import quartiles
from tfjsci.report.svg import Chart
from tfjsci.report.tables import NOTHING, Column, bare_ms
from tfjsci.report.variants import place, ranked, variants
from tfjsci.results.run_result import ModelResult, RunResult
from tfjsci.verdict import Judgement, Outcome

_MOST_OPEN = 8
"""Of more models than these, those that pass keep their charts folded."""

_MOST_MISSES = 12
_MOST_NODES = 30
_MOST_RUNS = 250
"""Samples of one row in the table; the others are in results.json."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A piece of a sentence; ``name``: to be set as code."""

    text: str
    name: bool = False


@dataclass(frozen=True, kw_only=True)
class Failed:
    """A stage that couldn't be done: ``rest`` are the lines of its message after the first."""

    where: str
    message: str
    rest: tuple[str, ...]
    hint: str

    @classmethod
    def of(cls, failed: Alike) -> Failed:
        """As the page shows it."""
        failure = failed.failure
        first, *rest = shorten(failure.message.strip(), MESSAGE_LIMIT).splitlines() or [""]
        places = [one_line(name) for name in (failure.stage, *failed.places)]
        return cls(where=", ".join(places), message=first, rest=tuple(rest), hint=in_one_line(failure.hint or ""))


@dataclass(frozen=True, kw_only=True)
class _Op:
    name: str
    count: str
    backends: str
    reason: str
    hint: str
    nodes: tuple[str, ...]
    more: str
    layers: tuple[str, ...]
    tried: str


@dataclass(frozen=True, kw_only=True)
class _LoweredOp:
    name: str
    by: str
    count: str
    backends: str
    reason: str
    layers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Found:
    title: str
    variant: str
    misses: tuple[Judgement, ...]
    more: int
    steps: tuple[tuple[Part, ...], ...]


@dataclass(frozen=True, kw_only=True)
class _Search:
    """A search of schemes: ``entry`` are the lines to paste."""

    variant: str
    told: str
    entry: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Figure:
    """A chart in its place. The template prints the figure itself: it is markup, as a tree of elements makes it."""

    chart: Chart
    id: str

    @property
    def title(self) -> str:
        """The chart's."""
        return self.chart.title

    def __html__(self) -> str:
        return self.chart.svg(self.id)


@dataclass(frozen=True, kw_only=True)
class _Culprit:
    """Where a pair comes apart: ``entry`` are the lines of ``exclude:`` to paste, maybe none."""

    title: str
    reason: str
    path: TableView | None
    figure: _Figure | None
    told: str
    entry: tuple[str, ...]
    weights: TableView | None


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """One model, as the template reads it."""

    id: str
    name: str
    outcome: Outcome
    judged: bool
    open: bool
    source: str
    format: str
    line: int
    failures: tuple[Failed, ...]
    ops: tuple[_Op, ...]
    lowered: tuple[_LoweredOp, ...]
    findings: tuple[_Found, ...]
    unmet: tuple[tuple[Part, ...], ...]
    culprits: tuple[_Culprit, ...]
    again: str
    notes: tuple[str, ...]
    searches: tuple[_Search, ...]
    charts: tuple[_Figure, ...]
    tables: tuple[TableView, ...]


def model_cards(run: RunResult) -> list[ModelCard]:
    """Every model, what couldn't be done first."""
    return [_card(run, model, f"model-{n}") for n, model in enumerate(ranked(run), start=1)]


def is_judged(model: ModelResult) -> bool:
    """Whether anything was held against anything: a pass of nothing isn't one."""
    return bool(model.judgements or model.failures or model.outcome != "pass")


def parts(step: Step) -> tuple[Part, ...]:
    """A step's sentence and the names in it, one after the other."""
    names = iter(step.names)
    pieces: list[Part] = []
    for text, field, _, _ in string.Formatter().parse(step.text):
        pieces += [Part(text=text)] if text else []
        pieces += [Part(text=one_line(next(names), 200), name=True)] if field is not None else []
    return tuple(pieces)


def _card(run: RunResult, model: ModelResult, card_id: str) -> ModelCard:
    unsupported = model.op_check.unsupported if model.op_check else ()
    # The op check tells a failure of this code better than its message.
    failures = [each for each in model.failures if each.code != UNSUPPORTED_OPS or not unsupported]
    return ModelCard(
        id=card_id,
        name=one_line(model.name),
        outcome=model.outcome,
        judged=is_judged(model),
        open=len(run.models) <= _MOST_OPEN or model.outcome != "pass",
        source=one_line(model.source, 200),
        format=one_line(model.format or ""),
        line=model.line,
        failures=tuple(map(Failed.of, alike(failures))),
        ops=tuple(_op(each) for each in unsupported),
        lowered=tuple(_lowered(each) for each in (model.op_check.lowered if model.op_check else ())),
        findings=tuple(_found(each) for each in findings(model)),
        unmet=tuple(parts(each) for each in unmet(model)),
        culprits=tuple(_culprit(each, f"{card_id}-culprit-{n}") for n, each in enumerate(model.localizations, start=1)),
        again=one_line(reproduce(run, model), 400) if model.outcome != "pass" else "",
        notes=model.notes,
        searches=tuple(
            _Search(
                variant=one_line(each.variant),
                told=_sentence(searched.told(each)),
                entry=tuple(each.entry.splitlines()),
            )
            for each in model.searches
        ),
        charts=_figures(model, card_id),
        tables=_tables(model, card_id),
    )


def _op(op: UnsupportedOp) -> _Op:
    return _Op(
        name=one_line(op.op),
        count=plural(op.count, "node"),
        backends=", ".join(op.backends),
        reason=op.reason,
        hint=op.hint,
        nodes=tuple(one_line(name, 200) for name in op.nodes[:_MOST_NODES]),
        more=f" and {op.count - _MOST_NODES} more" if op.count > _MOST_NODES else "",
        layers=tuple(one_line(name, 200) for name in op.layers[:_MOST_NODES]),
        tried=op.attempts,
    )


def _lowered(op: LoweredOp) -> _LoweredOp:
    return _LoweredOp(
        name=one_line(op.op),
        by=one_line(op.by),
        count=plural(op.count, "node"),
        backends=op.beneficiaries,
        reason=op.reason,
        layers=tuple(one_line(name, 200) for name in op.layers[:_MOST_NODES]),
    )


def _found(finding: Finding) -> _Found:
    return _Found(
        title=finding.title.capitalize(),
        variant=one_line(finding.variant or ""),
        misses=finding.judgements[:_MOST_MISSES],
        more=max(0, len(finding.judgements) - _MOST_MISSES),
        steps=tuple(parts(step) for step in finding.steps),
    )


def _culprit(found: Localization, culprit_id: str) -> _Culprit:
    chart, ranking = error_chart(found), found.ranking
    weights = ranking.weights[:MOST_WEIGHTS] if ranking else ()
    caption = f"The way to {found.op or 'it'} and on, {title_of(found)}"
    return _Culprit(
        title=title_of(found),
        reason=found.reason,
        path=table(f"{culprit_id}-path", one_line(caption, 200), path_columns(found), steps_of(found))
        if found.path
        else None,
        figure=_Figure(chart=chart, id=f"{culprit_id}-errors") if chart else None,
        told=ranking_sentence(ranking) if ranking else "",
        entry=tuple(exclude_entry(ranking)) if ranking else (),
        weights=table(f"{culprit_id}-weights", "Each weight as float, all others quantised", WEIGHTS, weights)
        if weights
        else None,
    )


def _figures(model: ModelResult, card_id: str) -> tuple[_Figure, ...]:
    charts: list[Chart | None] = [size_chart(model), *searched.figures(model), *time_charts(model), sqnr_chart(model)]
    drawn = [chart for chart in charts if chart is not None]
    return tuple(_Figure(chart=chart, id=f"{card_id}-chart-{n}") for n, chart in enumerate(drawn, start=1))


def _tables(model: ModelResult, card_id: str) -> tuple[TableView, ...]:
    """What the charts are drawn from, and more."""
    name = one_line(model.name, 40)
    views = []
    rows = [row for row in variants(model) if row.artifact]
    if rows:
        views.append(table(f"{card_id}-sizes", f"Sizes of {name}", SIZES, rows, title="Sizes as a table"))
    if each_file := file_rows(model):
        caption = f"Files of {name}. {FIRST}"
        views.append(table(f"{card_id}-files", caption, FILES, each_file, title="Sizes, file by file"))
    timed = [(model, each) for each in model.benchmarks]
    if timed:
        columns = [*timing_columns(model), _QUARTILES]
        views.append(table(f"{card_id}-times", f"Times of {name}", columns, timed, title="Times as a table"))
        caption = f"Every steady run of {name}, in the order in which they were made"
        views.append(table(f"{card_id}-runs", caption, _RUNS, model.benchmarks, title="Every run as a table"))
    outputs = output_rows(model)
    if outputs:
        fidelity = [*fidelity_columns(outputs, every=True), _LIMIT]
        caption = f"Fidelity of {name}{rests_on(model)}"
        views.append(table(f"{card_id}-outputs", caption, fidelity, outputs, title="Fidelity as a table"))
    return tuple(views)


def _quartiles(row: tuple[ModelResult, Benchmark]) -> str:
    samples = row[1].timing.steady_ms
    return " to ".join(bare_ms(each) for each in quartiles(samples)) if samples else NOTHING


def _limit(row: OutputRow) -> str:
    place_of = (row.comparison.variant, row.comparison.environment.backend, row.output.output)
    for each in row.judged:
        if (each.gate, each.unit) == ("sqnr_db", "dB") and (each.variant, each.backend, each.output) == place_of:
            return NOTHING if each.limit is None else f"{each.limit:g}"
    return NOTHING


def _runs(row: Benchmark) -> str:
    samples = row.timing.steady_ms
    more = f" and {len(samples) - _MOST_RUNS} more in results.json" if len(samples) > _MOST_RUNS else ""
    return " ".join(bare_ms(sample) for sample in samples[:_MOST_RUNS]) + more


_QUARTILES: Column[tuple[ModelResult, Benchmark]] = Column(title="Middle half (ms)", cell=_quartiles, align="right")
_LIMIT: Column[OutputRow] = Column(title="SQNR limit (dB)", cell=_limit, align="right")
_RUNS: list[Column[Benchmark]] = [
    Column(title="Variant", cell=lambda row: row.variant, name=True),
    Column(title="Backend", cell=lambda row: place(row.timing.environment)),
    Column(title=SAMPLES, cell=_runs),
]


def _sentence(text: str) -> str:
    """What stands behind a colon elsewhere, by itself."""
    return text[:1].upper() + text[1:]
