"""Against the base: what changed, a line where it is seen at once, and the table of all differences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tfjsci.artifact.artifact import Download
from tfjsci.baseline.change import TimeChange
from tfjsci.baseline.comparison import BaselineComparison, BaseOrigin
from tfjsci.baseline.difference import ArtifactFacts, VariantDifference
from tfjsci.baseline.numbers import NumbersChange
from tfjsci.compare.comparison import OutputComparison
from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.escape import MESSAGE_LIMIT, code, markdown_text, one_line
from tfjsci.listed import listed, plural
from tfjsci.report.tables import NOTHING, Column, markdown_table
from tfjsci.report.variants import place, ranked
from tfjsci.results.run_result import ModelResult, RunResult
from tfjsci.units import show_bytes
from tfjsci.verdict.tolerances import CONVERSION

COMMIT_DIGITS = 12
_MOST_TOLD = 3
_SIZE_TOLD = 0.01
"""The part of a download by which it must have changed to be told at once."""

_MOST_OPS = 4
_MOST_DROPPED = 10
MOST_REASONS = 40

_DROPPED = "no longer in the manifest"
"""Of models that only the base has."""

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
    held, origin = held_models(run), origin_of(run)
    if origin is None:
        return []
    rows = [row for model, baseline in held for row in rows_of(model, baseline)]
    lines = [f"Base: {_origin(origin)}. {method(rows)}".rstrip(), ""]
    if rows:
        lines += [*markdown_table(columns(rows), rows), ""]
    told = reasons(run)
    lines += [f"- {_in_markdown(reason)}" for reason in told[:MOST_REASONS]]
    if len(told) > MOST_REASONS:
        lines.append(f"- and {len(told) - MOST_REASONS} more")
    return lines if lines[-1] else lines[:-1]


def change_line(run: RunResult) -> list[str]:
    """One sentence under the table of verdicts; nothing where nothing changed."""
    held, origin = held_models(run), origin_of(run)
    dropped = run.dropped.names if run.dropped else ()
    unclear = [baseline.unclear for _, baseline in held if baseline.unclear]
    new = [model.name for model, baseline in held if baseline.new]
    changed = [(model, baseline) for model, baseline in held if baseline.changed and not baseline.new]
    if origin is not None and held and len(unclear) == len(held) and len(set(unclear)) == 1 and not dropped:
        return [f"Unclear against {_origin(origin)}: {markdown_text(unclear[0] or '', 400)}.", ""]
    if origin is None or not (changed or new or dropped):
        return []
    rows = [row for model, baseline in changed for row in rows_of(model, baseline)]
    told = [
        *([f"{listed(map(code, new), _MOST_TOLD)} {'is' if len(new) == 1 else 'are'} new"] if new else []),
        *(
            [f"{listed(map(code, dropped), _MOST_TOLD)} {'is' if len(dropped) == 1 else 'are'} {_DROPPED}"]
            if dropped
            else []
        ),
        *_other_numbers(rows),
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
    counted = [f"{len(changed)} of {plural(len(held), 'model')} changed"] if held else []
    return [f"Against {_origin(origin)}: {'; '.join([*counted, *told[:_MOST_TOLD], *more])}.", ""]


def _other_numbers(rows: Sequence[Row]) -> Iterator[str]:
    """Of each model the first variant whose outputs are others than the base's, beyond what another rewriting does."""
    told: set[str] = set()
    for row in rows:
        if row.model.name not in told and row.numbers is not None and any(map(_is_other, row.numbers.outputs)):
            told.add(row.model.name)
            yield f"{_of(row)} gives other outputs ({markdown_text(_numbers(row))})"


def _is_other(output: OutputComparison) -> bool:
    return output.problem is not None or (output.sqnr_db is not None and output.sqnr_db < CONVERSION.sqnr_db.error)


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
    for model, baseline in held_models(run):
        said = baseline.unclear or "; ".join(
            _short(row) for row in rows_of(model, baseline) if not row.difference.identical
        )
        if said:
            word = "unclear: " if baseline.unclear else ""
            name, base = one_line(model.name), one_line(baseline.origin.name)
            lines.append(f"{name} against {base}: {word}{one_line(said, MESSAGE_LIMIT)}")
    if run.dropped:
        names = listed(map(one_line, run.dropped.names), _MOST_DROPPED)
        lines.append(f"{names} against {one_line(run.dropped.origin.name)}: {_DROPPED}")
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


Held = tuple[ModelResult, BaselineComparison]


def held_models(run: RunResult) -> list[Held]:
    """The models that were held against a base."""
    return [(model, model.baseline) for model in ranked(run) if model.baseline is not None]


def origin_of(run: RunResult) -> BaseOrigin | None:
    """Where the base is from, if there was anything to say about one."""
    known = [baseline.origin for _, baseline in held_models(run)] + ([run.dropped.origin] if run.dropped else [])
    return known[0] if known else None


def method(rows: Sequence[Row]) -> str:
    """How the times were taken, if any were."""
    return _METHOD if _backends(rows) else ""


def _origin(origin: BaseOrigin) -> str:
    commit = f" ({code(origin.commit[:COMMIT_DIGITS])})" if origin.commit else ""
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


@dataclass(frozen=True, kw_only=True)
class Reason:
    """What couldn't be said or what to know, and each of what it is about: names, and where. Not escaped."""

    text: str
    about: tuple[tuple[tuple[str, ...], str], ...]


def reasons(run: RunResult) -> list[Reason]:
    """Each once."""
    about: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for model, baseline in held_models(run):
        if baseline.unclear:
            about.setdefault(f"unclear: {baseline.unclear}", []).append(((model.name,), ""))
        for time in baseline.times:
            if time.verdict == "incomparable":
                where = ((model.name, time.variant), f" on {time.backend}")
                about.setdefault(f"incomparable: {time.reason or ''}", []).append(where)
        for change in baseline.numbers:
            if change.reason:
                where = ((model.name, change.variant), f" on {change.backend}")
                about.setdefault(f"outputs not compared: {change.reason}", []).append(where)
        for note in baseline.notes:
            about.setdefault(note, []).append(((model.name,), ""))
    if run.dropped:
        about[_DROPPED] = [((name,), "") for name in run.dropped.names]
    return [Reason(text=text, about=tuple(each)) for text, each in about.items()]


def plain_reason(reason: Reason) -> str:
    """One line of text without control characters."""
    names = (" ".join(map(one_line, each)) + where for each, where in reason.about)
    return f"{listed(names, _MOST_TOLD)}: {one_line(reason.text, 400)}"


def _in_markdown(reason: Reason) -> str:
    names = (" ".join(map(code, each)) + where for each, where in reason.about)
    return f"{listed(names, _MOST_TOLD)}: {markdown_text(reason.text, 400)}"


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
    return f"{_signed_db(min(ratios))}, {change.backend}" if ratios else f"differ, {change.backend}"


def _signed_db(sqnr_db: float) -> str:
    return f"{sqnr_db:.3g} dB".replace("-", "−")


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
