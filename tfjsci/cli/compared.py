"""What ``tfjsci compare`` says: a table of numbers and verdicts, and where two models come apart. Plain text, escaped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from tfjsci.escape import MESSAGE_LIMIT, one_line
from tfjsci.localize.closeness import show
from tfjsci.localize.localization import Localization
from tfjsci.metrics import METRICS
from tfjsci.report.culprit import (
    MOST_WEIGHTS,
    error_rows,
    exclude_entry,
    mark_of,
    ranking_sentence,
    steps_of,
)
from tfjsci.units import show_bytes, show_ms
from tfjsci.verdict.judgement import apart
from tfjsci.versus.compared import Change, Held, ModelsCompared, PairOnBackend, RunsCompared
from tfjsci.versus.runs import worse_first

_MOST_CHANGES = 40
_BAR = 30
_NOTHING = "–"


def model_lines(found: ModelsCompared, *, all_rows: bool) -> Iterator[str]:
    """For people: what ran where and on what, a row for each output of each backend, then the culprits."""
    yield f"A  {found.a} (in {'TensorFlow' if found.a_runs_in == 'TensorFlow' else 'the browser'})"
    yield f"B  {found.b} (in {'TensorFlow' if found.b_runs_in == 'TensorFlow' else 'the browser'})"
    for each in found.inputs:
        yield f"   input {one_line(each.name)} {list(each.shape)}: {one_line(each.origin, 200)}"
    for note in found.notes:
        yield f"   note: {one_line(note, MESSAGE_LIMIT)}"
    yield ""
    shown = _columns(found)
    heads = ("backend", "output", *(_head(name) for name in shown), "verdict")
    rows = [
        (
            pair.backend or "TensorFlow",
            output.output,
            *(_number(name, getattr(output, name)) for name in shown),
            _verdict([held for held in pair.held if held.output == output.output]),
        )
        for pair in found.pairs
        for output in pair.outputs
    ]
    yield from plain_table(heads, rows, right=len(shown))
    for pair in found.pairs:
        for held in pair.held:
            if held.missed or (all_rows and held.reason and not held.unmeasured):
                where = pair.backend or "TensorFlow"
                mark = "✗" if held.missed else "✓"
                default = " (the default)" if held.default else ""
                yield f"{mark} {where}, output {one_line(held.output)}: {one_line(held.reason, 400)}{default}"
        for held in pair.held_by_none:
            yield f"! {pair.backend or 'TensorFlow'}: {one_line(held.reason, 400)}{_why_unmeasured(held.metric, found)}"
    for pair in found.pairs:
        if pair.localization is not None:
            yield ""
            yield from _culprit_lines(pair, pair.localization)


def run_lines(found: RunsCompared, *, all_rows: bool) -> Iterator[str]:
    """For people: what changed from A to B, what got worse first; all of it, if asked."""
    yield f"A  {found.a}"
    yield f"B  {found.b}"
    yield ""
    changes = worse_first([each for each in found.changes if all_rows or each.direction != "same"])
    shown = changes if all_rows else changes[:_MOST_CHANGES]
    rows = [
        (each.what, each.metric, _value(each, each.a, each.b), _value(each, each.b, each.a), _WORDS[each.direction])
        for each in shown
    ]
    if rows:
        yield from plain_table(("of", "number", "A", "B", ""), rows, right=2, first_right=2)
    if len(changes) > len(shown):
        yield f"and {len(changes) - len(shown)} more: --verbose shows all"
    for name, only in (("A", found.only_a), ("B", found.only_b)):
        if only:
            yield f"only in {name}: {', '.join(one_line(each, 120) for each in only)}"
    same = sum(each.direction == "same" for each in found.changes)
    times = " Times are shown, not judged." if any(each.unit == "ms" for each in found.changes) else ""
    yield f"{len(found.worse)} of {len(found.changes)} numbers got worse, {same} are the same.{times}"


_WORDS = {"worse": "✗ worse", "better": "✓ better", "same": "same", "other": ""}


def plain_table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], *, right: int, first_right: int = 2
) -> Iterator[str]:
    """Columns side by side; ``right`` of them, from ``first_right`` on, end at the right."""
    cells = [[one_line(cell) for cell in row] for row in (heads, *rows)]
    widths = [max(len(row[n]) for row in cells) for n in range(len(heads))]
    for number, row in enumerate(cells):
        line = "  ".join(
            cell.rjust(width) if first_right <= n < first_right + right else cell.ljust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield line.rstrip()
        if number == 0:
            yield "  ".join("─" * width for width in widths)


def _columns(found: ModelsCompared) -> list[str]:
    """What says something: the metrics that are limited, and a few that always do."""
    limited = {held.metric for pair in found.pairs for held in pair.held}
    usual = ("sqnr_db", "cosine", "max_abs", "max_relative", "top1")
    there = {
        name
        for name in METRICS
        if any(getattr(output, name) is not None for pair in found.pairs for output in pair.outputs)
    }
    return [name for name in METRICS if name in limited or (name in usual and name in there)]


def _head(name: str) -> str:
    """As the option is called, without the unit, which the cells have."""
    return {"sqnr_db": "SQNR", "psnr_db": "PSNR"}.get(name, name.replace("_", " "))


def _number(name: str, value: float | None) -> str:
    return _NOTHING if value is None else METRICS[name].show(value)


def _verdict(held: Sequence[Held]) -> str:
    if any(each.missed for each in held):
        return "✗ missed"
    if held and all(each.reason.startswith("the same") for each in held):
        return "✓ the same"
    return "– not held" if held and all(each.unmeasured for each in held) else "✓ kept"


def _why_unmeasured(metric: str, found: ModelsCompared) -> str:
    if metric not in ("top1", "top5"):
        return ""
    return ": the inputs are random, and say nothing of classes; give real ones with --inputs" if found.random else ""


def _culprit_lines(pair: PairOnBackend, found: Localization) -> Iterator[str]:
    yield f"{pair.backend or 'TensorFlow'}, {one_line(found.reference, 120)} → {one_line(found.candidate, 120)}:"
    yield f"  {one_line(found.reason, MESSAGE_LIMIT)}"
    if found.path:
        rows = [
            (
                mark_of(found, step),
                step.node,
                step.op,
                ", ".join(step.layers) or _NOTHING,
                show(step.into),
                show(step.out),
            )
            for step in steps_of(found)
        ]
        yield ""
        for line in plain_table(("", "node", "op", "layer", "SQNR in", "SQNR out"), rows, right=2, first_right=4):
            yield f"  {line}"
    if found.errors is not None:
        bars = error_rows(found.errors)
        wide, most = max(len(name) for name, _ in bars), max(1, *(count for _, count in bars))
        yield ""
        yield "  errors, relative to the largest number:"
        for name, count in bars:
            yield f"  {name:<{wide}}  {'█' * round(_BAR * count / most) or ('▏' if count else '')} {count}"
    if found.ranking is not None:
        yield ""
        yield f"  {one_line(ranking_sentence(found.ranking), MESSAGE_LIMIT)}"
        for line in exclude_entry(found.ranking):
            yield f"    {line}"
        weights = [
            (
                each.name,
                show(each.after),
                _NOTHING if each.gain_db is None else f"{each.gain_db:.1f} dB",
                show_bytes(each.more_bytes),
            )
            for each in found.ranking.weights[:MOST_WEIGHTS]
        ]
        if weights:
            yield ""
            for line in plain_table(("weight", "with it as float", "gain", "costs"), weights, right=3, first_right=1):
                yield f"  {line}"


def _value(change: Change, value: float | None, other: float | None) -> str:
    """With as many digits as tell it from ``other``, where they differ."""
    if change.metric == "outcome":
        return _NOTHING if value is None else ("fail", "warn", "pass")[int(value)]
    if change.metric == "has numbers":
        return "yes" if value else "no"
    if value is None:
        return "exact"
    show = METRICS[change.metric].show if change.metric in METRICS else _SHOWN.get(change.unit, "{:g}".format)
    return show(value) if other is None else apart(value, other, show, change.unit)


_SHOWN: Mapping[str, Callable[[float], str]] = {"B": show_bytes, "ms": show_ms}
