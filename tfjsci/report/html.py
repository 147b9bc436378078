"""The report as one HTML page: it loads nothing, runs no script, and can be read by eye, by ear and on paper.

Here the page's values are put together, and ``templates/report.html`` lays them out. Whatever the template prints goes
through ``_shown`` and then through jinja's escaping, so that no name from outside needs to be thought of there: what
isn't a chart of ours can't become markup.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from tfjsci.escape import MESSAGE_LIMIT, one_line
from tfjsci.report import baseline
from tfjsci.report.advice import tighter_budgets
from tfjsci.report.alike import alike
from tfjsci.report.headline import headline, to_do_first, unhappy
from tfjsci.report.html_model import Failed, Part, is_judged, model_cards, parts
from tfjsci.report.html_table import Link, TableView, table
from tfjsci.report.markup import in_one_line
from tfjsci.report.surroundings import BACKEND_COLUMNS, INPUT_COLUMNS, METHOD, short_renderer, verified
from tfjsci.report.variants import SEVERITY, Variant, called_asynchronously, environments, overview, ranked, variants
from tfjsci.results.run_result import RunResult
from tfjsci.units import show_bytes, show_seconds
from tfjsci.verdict import Outcome

if TYPE_CHECKING:
    from jinja2 import Template

GLYPHS: dict[Outcome, str] = {"pass": "✓", "warn": "!", "fail": "✕"}
"""Beside the word, never alone."""

_MOST_FIRST = 5
_REASON_LIMIT = 400


@dataclass(frozen=True, kw_only=True)
class _Item:
    title: str
    text: str


@dataclass(frozen=True, kw_only=True)
class _Count:
    kind: str
    glyph: str
    text: str


@dataclass(frozen=True, kw_only=True)
class _First:
    href: str
    name: str
    verb: str
    reason: str
    step: tuple[Part, ...]


@dataclass(frozen=True, kw_only=True)
class _Base:
    name: str
    commit: str
    method: str
    table: TableView | None
    reasons: tuple[str, ...]


def render_html(run: RunResult) -> str:
    """The whole page, the same for the same results."""
    hrefs = {id(model): f"#model-{n}" for n, model in enumerate(ranked(run), start=1)}
    first = [_first(run, n, hrefs) for n in range(min(len(unhappy(run)), _MOST_FIRST))]
    return (
        _template().render(
            GLYPHS=GLYPHS,
            run=run,
            headline=headline(run),
            counts=_counts(run),
            started=run.started_at,
            took=show_seconds(run.duration_seconds),
            failures=[Failed.of(failed) for failed in alike(run.failures)],
            first=first,
            more_first=len(unhappy(run)) - len(first),
            software=_software(run),
            overview=_overview(run, hrefs),
            models=model_cards(run),
            base=_base(run, hrefs),
            surroundings=_surroundings(run),
            machine=_machine(run),
            tighter=[parts(step) for model in ranked(run) for step in tighter_budgets(model)],
            method=METHOD,
        )
        + "\n"
    )


@cache
def _template() -> Template:
    # Imported here: of all reports only this one needs it.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("tfjsci.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    return environment.get_template("report.html")


def _shown(value: Any) -> Any:
    """What a template prints: text without control and bidi characters, cut; markup that is our own as it is."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return one_line(value, MESSAGE_LIMIT)
    return value


def _counts(run: RunResult) -> list[_Count]:
    judged = [model for model in run.models if is_judged(model)]
    counted = [(outcome, sum(model.outcome == outcome for model in judged)) for outcome in SEVERITY]
    counts = [_Count(kind=each, glyph=GLYPHS[each], text=f"{count} {each}") for each, count in counted if count]
    unjudged = len(run.models) - len(judged)
    return [*counts, *([_Count(kind="none", glyph="", text=f"{unjudged} not judged")] if unjudged else [])]


def _first(run: RunResult, n: int, hrefs: dict[int, str]) -> _First:
    model = unhappy(run)[n]
    first = to_do_first(model)
    advice = parts(first.step) if first.step else (Part(text=one_line(in_one_line(first.hint or ""), _REASON_LIMIT)),)
    return _First(
        href=hrefs[id(model)],
        name=one_line(model.name),
        verb="fails" if model.outcome == "fail" else "warns",
        reason=one_line(first.reason, _REASON_LIMIT).rstrip("."),
        step=advice,
    )


def _overview(run: RunResult, hrefs: dict[int, str]) -> TableView:
    rows = [row for model in ranked(run) for row in variants(model)]
    link: Link[Variant] = Link(column="Model", href=lambda row: hrefs[id(row.model)])
    return table("overview-table", "Every variant of every model, what needs a look first", overview(run), rows, link)


def _base(run: RunResult, hrefs: dict[int, str]) -> _Base | None:
    """What changed against the base, where there is one."""
    held, origin = baseline.held_models(run), baseline.origin_of(run)
    if origin is None:
        return None
    rows = [row for model, found in held for row in baseline.rows_of(model, found)]
    link: Link[baseline.Row] = Link(column="Model", href=lambda row: hrefs[id(row.model)])
    reasons = baseline.reasons(run)
    more = len(reasons) - baseline.MOST_REASONS
    return _Base(
        name=origin.name,
        commit=(origin.commit or "")[: baseline.COMMIT_DIGITS],
        method=baseline.method(rows),
        table=table("base-table", "Every variant against the base's", baseline.columns(rows), rows, link)
        if rows
        else None,
        reasons=(
            *map(baseline.plain_reason, reasons[: baseline.MOST_REASONS]),
            *([f"and {more} more"] if more > 0 else []),
        ),
    )


def _surroundings(run: RunResult) -> list[TableView]:
    views = []
    known = environments(run)
    if known:
        views.append(table("backends-table", "What it ran on", BACKEND_COLUMNS, known))
    rows = [(model, each) for model in ranked(run) for each in model.inputs]
    if rows:
        views.append(table("inputs-table", "Inputs", INPUT_COLUMNS, rows))
    return views


def _software(run: RunResult) -> str:
    software = [each for each in environments(run) if each.software]
    return ", ".join(
        dict.fromkeys(f"{each.backend} ({one_line(short_renderer(each.renderer), 60)})" for each in software)
    )


def _machine(run: RunResult) -> list[_Item]:
    machine = run.machine
    versions = (("TensorFlow", machine.tensorflow), ("Keras", machine.keras), ("NumPy", machine.numpy))
    items = [
        _Item(title="Machine", text=f"{machine.cpu}, {machine.cores} cores, {show_bytes(machine.memory_bytes)}"),
        _Item(title="Platform", text=machine.platform),
        _Item(title="Software", text=f"tfjsci {run.tfjsci}, Python {machine.python}"),
        *(_Item(title=name, text=version or "not used") for name, version in versions),
        _Item(title="Stages", text=", ".join(run.stages)),
    ]
    items += [
        _Item(title=f"Flags of {each.backend}", text=", ".join(f"{name} {value}" for name, value in each.flags.items()))
        for each in environments(run)
        if each.flags
    ]
    if called := called_asynchronously(run):
        items.append(_Item(title="Called with executeAsync", text=", ".join(one_line(name, 40) for name in called)))
    for model in ranked(run):
        if model.durations:
            spent = ", ".join(f"{each.stage} {show_seconds(each.seconds)}" for each in model.durations)
            items.append(_Item(title=f"Time spent on {one_line(model.name, 40)}", text=spent))
        if model.verification:
            items.append(_Item(title=f"Rewriting of {one_line(model.name, 40)}", text=verified(model.verification)))
    return items
