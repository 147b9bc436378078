"""Against the base: what changed, a line where it is seen at once, and the table of all differences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tfjsci.artifact.artifact import Download
from tfjsci.baseline.change import TimeChange
from tfjsci.baseline.comparison import BaselineComparison, BaseOrigin
from tfjsci.baseline.difference import ArtifactFacts, VariantDifference
from tfjsci.baseline.numbers import NumbersChange
from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.escape import MESSAGE_LIMIT, code, markdown_text, one_line
from tfjsci.listed import listed
from tfjsci.report.markup import plural
from tfjsci.report.tables import NOTHING, Column, markdown_table
from tfjsci.report.variants import place, ranked
from tfjsci.results.run_result import ModelResult, RunResult
from tfjsci.units import show_bytes

_COMMIT_DIGITS = 12
_MOST_TOLD = 3
_SIZE_TOLD = 0.01
"""The part of a download by which it must have changed to be told at once."""

_MOST_OPS = 4
_MOST_REASONS = 40

_METHOD = (
    "Times: this run's over the base's, run in turns in one page, with the 95 % interval; unclear: it holds ±0 %. "
    "None of this is a gate."
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One variant of one model and what became of it; ``times`` and ``numbers`` are its own."""

    model: ModelResult
    difference: VariantDifference
    times: tuple[TimeChange, ...]
    numbers: NumbersChange | None = None

    def on(self, backend: Backend) -> TimeChange | None:
        """Its time on one backend."""
        return next((each for each in self.times if each.backend == backend), None)


def against_base(run: RunResult) -> list[str]:
    """The folded section: a table of every variant, then what couldn't be said and why."""
    held = _held(run)
    if not held:
        return []
    rows = [row for model, baseline in held for row in rows_of(model, baseline)]
    lines = [f"Base: {_origin(held[0][1].origin)}. {_METHOD if _backends(rows) else ''}".rstrip(), ""]
    if rows:
        lines += [*markdown_table(columns(rows), rows), ""]
    reasons = list(_reasons(held))
    lines += [f"- {reason}" for reason in reasons[:_MOST_REASONS]]
    if len(reasons) > _MOST_REASONS:
        lines.append(f"- and {len(reasons) - _MOST_REASONS} more")
    return lines if lines[-1] else lines[:-1]


def change_line(run: RunResult) -> list[str]:
    """One sentence under the table of verdicts; nothing where nothing changed."""
    held = _held(run)
    unclear = [baseline.unclear for _, baseline in held if baseline.unclear]
    changed = [(model, baseline) for model, baseline in held if baseline.changed]
    if held and len(unclear) == len(held) and len(set(unclear)) == 1:
        return [f"Unclear against {_origin(held[0][1].origin)}: {markdown_text(unclear[0] or '', 400)}.", ""]
    if not changed:
        return []
    rows = [row for model, baseline in changed for row in rows_of(model, baseline)]
    told = [
        *(
            f"{_of(row)} downloads {_size_change('brotli_bytes')(row)} in brotli"
            for row in rows
            if _downloads_other(row)
        ),
        *(
            f"{_of(row)} on {_where(time)} is {time.verdict}: {show_time(time)}"
            for row in rows
            for time in row.times
            if time.verdict in ("faster", "slower")
        ),
    ]
    more = [f"and {len(told) - _MOST_TOLD} more"] if len(told) > _MOST_TOLD else []
    said = f"; {'; '.join([*told[:_MOST_TOLD], *more])}" if told else ""
    return [f"Against {_origin(held[0][1].origin)}: {len(changed)} of {plural(len(held), 'model')} changed{said}.", ""]


def _of(row: Row) -> str:
    return f"{code(row.model.name)} {code(row.difference.variant)}"


def _downloads_other(row: Row) -> bool:
    base, head = row.difference.base, row.difference.head
    if base is None or head is None:
        return False
    before, now = base.download.brotli_bytes, head.download.brotli_bytes
    return abs(now - before) >= _SIZE_TOLD * before > 0


def terminal_lines(run: RunResult) -> list[str]:
    """A line for each model that changed, or that couldn't be held against its base; plain text without control characters."""
    lines = []
    for model, baseline in _held(run):
        said = baseline.unclear or "; ".join(
            _short(row) for row in rows_of(model, baseline) if not row.difference.identical
        )
        if said:
            word = "unclear: " if baseline.unclear else ""
            name, base = one_line(model.name), one_line(baseline.origin.name)
            lines.append(f"{name} against {base}: {word}{one_line(said, MESSAGE_LIMIT)}")
    return lines


def rows_of(model: ModelResult, baseline: BaselineComparison) -> list[Row]:
    """A row for each variant."""
    return [
        Row(
            model=model,
            difference=each,
            times=tuple(time for time in baseline.times if time.variant == each.variant),
            numbers=next((it for it in baseline.numbers if it.variant == each.variant), None),
        )
        for each in baseline.variants
    ]


def columns(rows: Sequence[Row]) -> list[Column[Row]]:
    """Those columns that say something about these rows, and one for each backend that was timed."""
    fixed = [
        column
        for column in COLUMNS
        if column.title not in (_SQNR, _NUMBERS) or any(column.cell(row) != NOTHING for row in rows)
    ]
    times = [
        Column(title=f"Time, {_backend_of(rows, backend)}", cell=lambda row, backend=backend: _time(row.on(backend)))  # type: ignore[misc]
        for backend in _backends(rows)
    ]
    return [*fixed, *times]


def show_time(change: TimeChange) -> str:
    """``+12.4 % (+9.8 to +15.1)``, or nothing where there is no interval."""
    if change.ratio is None or change.low is None or change.high is None:
        return ""
    return f"{_percent(change.ratio)} % ({_percent(change.low)} to {_percent(change.high)})"


def _held(run: RunResult) -> list[tuple[ModelResult, BaselineComparison]]:
    return [(model, model.baseline) for model in ranked(run) if model.baseline is not None]


def _origin(origin: BaseOrigin) -> str:
    commit = f" ({code(origin.commit[:_COMMIT_DIGITS])})" if origin.commit else ""
    return f"{code(origin.name, 200)}{commit}"


def _backends(rows: Sequence[Row]) -> list[Backend]:
    timed = {time.backend for row in rows for time in row.times}
    return [backend for backend in BACKENDS if backend in timed]


def _where(time: TimeChange) -> str:
    """The backend, and that a software renderer stood in for the GPU."""
    return place(time.environment) if time.environment else time.backend


def _backend_of(rows: Sequence[Row], backend: Backend) -> str:
    # one browser timed them all; what wasn't timed has no environment
    return next((_where(time) for row in rows if (time := row.on(backend)) and time.environment), backend)


def _reasons(held: Sequence[tuple[ModelResult, BaselineComparison]]) -> Iterator[str]:
    """What couldn't be said and what to know, each once with the models that it is about."""
    about: dict[str, list[str]] = {}
    for model, baseline in held:
        if baseline.unclear:
            about.setdefault(f"unclear: {markdown_text(baseline.unclear, 400)}", []).append(code(model.name))
        for time in baseline.times:
            if time.verdict == "incomparable":
                where = f"{code(model.name)} {code(time.variant)} on {time.backend}"
                about.setdefault(f"incomparable: {markdown_text(time.reason or '', 400)}", []).append(where)
        for change in baseline.numbers:
            if change.reason:
                where = f"{code(model.name)} {code(change.variant)} on {change.backend}"
                about.setdefault(f"outputs not compared: {markdown_text(change.reason, 400)}", []).append(where)
        for note in baseline.notes:
            about.setdefault(markdown_text(note, 400), []).append(code(model.name))
    for reason, names in about.items():
        yield f"{listed(names, _MOST_TOLD)}: {reason}"


def _short(row: Row) -> str:
    words = [row.difference.variant, _size_change("raw_bytes")(row)]
    if row.difference.base is not None:
        words.append(f"brotli {_size_change('brotli_bytes')(row)}")
    words += [f"{time.verdict} on {_where(time)} {show_time(time)}".rstrip() for time in row.times]
    return ", ".join(words)


def _time(change: TimeChange | None) -> str:
    if change is None:
        return NOTHING
    return ", ".join(part for part in (show_time(change), change.verdict) if part)


def _percent(ratio: float) -> str:
    return _signed(100 * (ratio - 1), lambda size: f"{size:.1f}")


def _signed(value: float, show: Callable[[float], str]) -> str:
    return f"{'−' if value < 0 else '+' if value > 0 else '±'}{show(abs(value))}"


def _size_change(field: str) -> Callable[[Row], str]:
    def size(facts: ArtifactFacts | None) -> int:
        download: Download | None = facts.download if facts else None
        return getattr(download, field) if download else 0

    def cell(row: Row) -> str:
        if row.difference.base is None:
            return "new"
        before, now = size(row.difference.base), size(row.difference.head)
        share = f" ({_percent(now / before)} %)" if before and now != before else ""
        return f"{_signed(now - before, show_bytes)}{share}"

    return cell


def _size(row: Row) -> str:
    return show_bytes(row.difference.head.download.raw_bytes) if row.difference.head else NOTHING


def _count(field: str) -> Callable[[Row], str]:
    def cell(row: Row) -> str:
        base, head = row.difference.base, row.difference.head
        if head is None:
            return NOTHING
        now: int = getattr(head, field)
        change = now - getattr(base, field) if base else 0
        return f"{now:,}" + (f" ({_signed(change, lambda size: f'{size:,.0f}')})" if change else "")

    return cell


def _ops(row: Row) -> str:
    changes = [f"+{count} {one_line(op, 40)}" for op, count in row.difference.ops_added.items()]
    changes += [f"−{count} {one_line(op, 40)}" for op, count in row.difference.ops_removed.items()]
    more = [f"and {len(changes) - _MOST_OPS} more"] if len(changes) > _MOST_OPS else []
    return ", ".join([*changes[:_MOST_OPS], *more]) or NOTHING


def _sqnr(row: Row) -> str:
    """The backend that lost most, or gained least."""
    changes = [
        (each.head_db - each.base_db, each.backend)
        for each in row.difference.sqnr
        if each.base_db is not None and each.head_db is not None
    ]
    exact = [each for each in row.difference.sqnr if (each.base_db is None) != (each.head_db is None)]
    if exact:
        word = "exact before" if exact[0].head_db is not None else "exact now"
        return f"{word}, {exact[0].backend}"
    if not changes:
        return NOTHING
    change, backend = min(changes)
    return f"{_signed(round(change, 2), lambda size: f'{size:.2f}')}, {backend}"


def _numbers(row: Row) -> str:
    """How far the worst output is from the base's."""
    change = row.numbers
    if change is None or not change.outputs:
        return NOTHING
    if problems := [each for each in change.outputs if each.problem]:
        return f"{one_line(problems[0].output, 40)}: {one_line(problems[0].problem or '', 80)}"
    if all(each.exact for each in change.outputs):
        return f"the same, {change.backend}"
    ratios = [each.sqnr_db for each in change.outputs if each.sqnr_db is not None]
    return f"{min(ratios):.3g} dB, {change.backend}" if ratios else f"differ, {change.backend}"


_SQNR = "SQNR (dB)"
_NUMBERS = "Outputs, base → this"

COLUMNS: list[Column[Row]] = [
    Column(title="Model", cell=lambda row: row.model.name, name=True),
    Column(title="Variant", cell=lambda row: row.difference.variant, name=True),
    Column(title="Size", cell=_size, align="right"),
    Column(title="Size, change", cell=_size_change("raw_bytes"), align="right"),
    Column(title="brotli, change", cell=_size_change("brotli_bytes"), align="right"),
    Column(title="Parameters", cell=_count("parameters"), align="right"),
    Column(title="Nodes", cell=_count("nodes"), align="right"),
    Column(title="Ops", cell=_ops),
    Column(title=_SQNR, cell=_sqnr, align="right"),
    Column(title=_NUMBERS, cell=_numbers, align="right"),
]
