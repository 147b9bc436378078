"""The report in a terminal: the table, what failed and what to do about it, and where the whole report is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tfjsci.escape import MESSAGE_LIMIT, one_line
from tfjsci.report import baseline
from tfjsci.report.advice import UNSUPPORTED_OPS, Step, findings, reproduce
from tfjsci.report.alike import Alike, alike
from tfjsci.report.headline import headline, unhappy
from tfjsci.report.tables import VERDICT
from tfjsci.report.variants import overview, ranked, variants
from tfjsci.results.run_result import ModelResult, RunResult
from tfjsci.verdict import Outcome, worst

_STYLE: dict[Outcome, str] = {"pass": "green", "warn": "yellow", "fail": "red"}
_MOST_MISSES = 5
_MOST_NAMES = 5
_NAME_LIMIT = 40


def render_terminal(run: RunResult, console: Console, *, report: Path | None = None) -> None:
    """Print the end of a run to ``console``; ``report`` is where the whole one was written.

    Everything from outside is printed as ``Text``, never as rich's markup, and without control characters.
    """
    _print(console, _table(run))
    for failed in alike(run.failures):
        _failure(console, failed)
    for model in unhappy(run):
        _model(console, run, model)
    changes = baseline.terminal_lines(run)
    if changes:
        console.print()
    for line in changes:
        _line(console, line)
    outcome: Outcome = "fail" if run.failures else worst(model.outcome for model in run.models)
    _print(console, Text(headline(run), style=f"bold {_STYLE[outcome]}"))
    if report is not None:
        _line(console, f"The whole report: {one_line(str(report), MESSAGE_LIMIT)}")


def _table(run: RunResult) -> Table:
    columns = overview(run)
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column.title, justify=column.align, overflow="fold")
    for model in ranked(run):
        for row in variants(model):
            style = _STYLE[row.outcome] if row.outcome != "pass" else ""
            table.add_row(*(Text(one_line(column.cell(row), _NAME_LIMIT), style=style) for column in columns))
    return table


def _model(console: Console, run: RunResult, model: ModelResult) -> None:
    title = Text(f"{VERDICT[model.outcome]} {one_line(model.name)}", style=f"bold {_STYLE[model.outcome]}")
    title.append(f"  {one_line(run.manifest, 200)}:{model.line}", style="dim")
    console.print()
    console.print(title)
    for failed in alike(model.failures):
        failure = failed.failure
        if failure.code == UNSUPPORTED_OPS and model.op_check and model.op_check.unsupported:
            for indent, line in _unsupported(model):
                _line(console, line, indent)
        else:
            _failure(console, failed, 2)
    for finding in findings(model):
        for judgement in finding.judgements[:_MOST_MISSES]:
            _line(console, f"{VERDICT[judgement.outcome]}: {one_line(judgement.reason, MESSAGE_LIMIT)}", 2)
        if len(finding.judgements) > _MOST_MISSES:
            _line(console, f"and {len(finding.judgements) - _MOST_MISSES} more in the report", 2)
        for n, step in enumerate(finding.steps, start=1):
            _line(console, f"{n}. {_step(step)}", 4)
    _line(console, f"to see it again: {one_line(reproduce(run, model), 400)}", 2)


def _failure(console: Console, failed: Alike, indent: int = 0) -> None:
    failure = failed.failure
    where = "".join(f", {one_line(name)}" for name in failed.places)
    first, *rest = failure.message.strip().splitlines() or [""]
    _line(
        console,
        f"{VERDICT['fail']} ({one_line(failure.stage)}{where}): {one_line(first, MESSAGE_LIMIT)}",
        indent,
        "red",
    )
    for line in rest:
        _line(console, one_line(line, MESSAGE_LIMIT), indent + 2)
    for line in (failure.hint or "").splitlines():
        _line(console, one_line(line, MESSAGE_LIMIT), indent + 2)


def _unsupported(model: ModelResult) -> Iterator[tuple[int, str]]:
    for op in model.op_check.unsupported if model.op_check else ():
        nodes = ", ".join(one_line(node) for node in op.nodes[:_MOST_NAMES])
        more = f" and {op.count - _MOST_NAMES} more" if op.count > _MOST_NAMES else ""
        what = f"{one_line(op.op)} × {op.count} can't run on {', '.join(op.backends)}: {one_line(op.reason, 400)}"
        yield 2, f"{VERDICT['fail']}: {what}"
        yield 4, f"at {nodes}{more}"
        if op.layers:
            yield 4, f"layers {', '.join(one_line(layer) for layer in op.layers[:_MOST_NAMES])}"
        yield 4, f"tried: {one_line(op.attempts, 400)}"
        yield 4, one_line(op.hint, 400)


def _step(step: Step) -> str:
    return step.text.format(*(one_line(name, 200) for name in step.names))


def _line(console: Console, text: str, indent: int = 0, style: str = "") -> None:
    # Indented as a whole, so that a long line's rest stands below its beginning.
    console.print(Padding(Text(text, style=style), (0, 0, 0, indent), expand=False))


def _print(console: Console, what: Table | Text) -> None:
    console.print()
    console.print(what)
