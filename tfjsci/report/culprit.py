"""Where a pair that missed its limit comes apart: the node and its layer, the way there, its errors, and the weights to blame."""

from __future__ import annotations

from tfjsci.escape import MESSAGE_LIMIT, code, code_block, markdown_text, one_line
from tfjsci.listed import plural
from tfjsci.localize.closeness import show, show_limit
from tfjsci.localize.localization import ErrorHistogram, Localization, PathStep, RestoredWeight, WeightRanking
from tfjsci.report.tables import NOTHING, Column, markdown_table
from tfjsci.report.variants import ranked
from tfjsci.results.run_result import ModelResult, RunResult
from tfjsci.units import show_bytes

MOST_WEIGHTS = 12
"""Rows of the table of weights; results.json has all."""

_ENTRY_LIMIT = 60_000
"""Characters of what is there to be pasted: a list that is cut is of no use."""

_BAR = 24
"""Characters of the longest bar."""


def culprits(run: RunResult) -> list[str]:
    """Each search of each model: a sentence, the path, the errors, the weights."""
    lines: list[str] = []
    for model in ranked(run):
        for found in model.localizations:
            lines += [*_lines(model, found), ""]
    return lines[:-1]


def title_of(found: Localization) -> str:
    """What was searched: ``TensorFlow → float on wasm``."""
    return f"{found.reference} → {found.candidate}"


def _lines(model: ModelResult, found: Localization) -> list[str]:
    lines = [f"**{code(model.name)}, {markdown_text(title_of(found), 200)}:** {markdown_text(found.reason)}.", ""]
    if found.path:
        lines += [*markdown_table(path_columns(found), steps_of(found)), ""]
    if found.errors is not None:
        lines += ["Its errors, relative to the largest number:", "", *_bars(found.errors), ""]
    if found.ranking is not None:
        lines += _ranking(found.ranking)
    return lines[:-1]


def steps_of(found: Localization) -> tuple[PathStep, ...]:
    """The way to the culprit and on, with that inside of it behind it, if it is a loop that was looked into."""
    inside = found.inside.path if found.inside else ()
    place = next((n for n, step in enumerate(found.path, start=1) if step.node == found.node), len(found.path))
    return (*found.path[:place], *inside, *found.path[place:])


def mark_of(found: Localization, step: PathStep) -> str:
    """An arrow at the culprit; what is inside of it is marked as that, its own culprit with an arrow more."""
    if found.inside is not None and any(step is each for each in found.inside.path):
        return "↳ →" if step.node == found.inside.node else "↳"
    return "→" if step.node == found.node else ""


def path_columns(found: Localization) -> list[Column[PathStep]]:
    """The way to the culprit, which is marked, and on."""

    def node(step: PathStep) -> str:
        return step.node

    return [
        Column(title="", cell=lambda step: mark_of(found, step)),
        Column(title="Node", cell=node, name=True),
        Column(title="Op", cell=lambda step: step.op, name=True),
        Column(title="Layer", cell=lambda step: ", ".join(step.layers) or NOTHING, name=True),
        Column(title="SQNR in", cell=lambda step: show(step.into), align="right"),
        Column(title="SQNR out", cell=lambda step: show(step.out), align="right"),
    ]


def error_rows(errors: ErrorHistogram) -> list[tuple[str, int]]:
    """What each bar is of, and how many elements; bars that are empty at either end are left out."""
    lows = ("", *(f"{below:.0e}" for below in errors.below))
    highs = [f"{below:.0e}" for below in errors.below]
    names = [f"below {highs[0]}", *(f"{low} to {high}" for low, high in zip(lows[1:], highs[1:], strict=False))]
    rows = list(zip([*names, f"{lows[-1]} and more"], errors.counts, strict=True))
    there = [n for n, (_, count) in enumerate(rows) if count]
    shown = rows[there[0] : there[-1] + 1] if there else []
    return [("exact", errors.exact), *shown]


def _bars(errors: ErrorHistogram) -> list[str]:
    rows = error_rows(errors)
    most = max(1, *(count for _, count in rows))
    wide = max(len(name) for name, _ in rows)
    bars = [
        f"{name:<{wide}}  {'█' * round(_BAR * count / most) or ('▏' if count else '')} {count}" for name, count in rows
    ]
    return code_block("\n".join(bars)).splitlines()


WEIGHTS: list[Column[RestoredWeight]] = [
    Column(title="Weight", cell=lambda row: row.name, name=True),
    Column(title="Outputs, with it as float", cell=lambda row: show(row.after), align="right"),
    Column(title="Gain", cell=lambda row: NOTHING if row.gain_db is None else f"{row.gain_db:.1f} dB", align="right"),
    Column(title="Costs", cell=lambda row: show_bytes(row.more_bytes), align="right"),
]


def ranking_sentence(ranking: WeightRanking) -> str:
    """What leaving weights out gives and costs."""
    untried = (
        f" Of {ranking.total} weights {ranking.tried} were tried before time ran out." if _untried(ranking) else ""
    )
    if not ranking.exclude:
        return (
            f"In TensorFlow, with the quantised weights, the outputs come to {show(ranking.quantized)}, which meets "
            f"{show_limit(ranking.limit_db)}: nothing need be left out on these inputs.{untried}"
        )
    limit = show_limit(ranking.limit_db)
    if ranking.needs_all:
        so = "" if ranking.stands_in else ": this scheme is too coarse here"
        return (
            f"The outputs come to {show(ranking.quantized)}, and nothing short of all {ranking.total} weights left as float "
            f"meets {limit}{so} (in TensorFlow, on the call that came out worst).{_stands_in(ranking)}"
        )
    what = plural(len(ranking.exclude), "weight")
    meets = f"meets {limit}" if ranking.meets else f"still falls short of {limit}"
    said = f"{_stands_in(ranking)}{untried}"
    return (
        f"With {what} left as float the outputs come from {show(ranking.quantized)} to {show(ranking.excluded)}, which {meets}, "
        f"for {show_bytes(ranking.more_bytes)} more (in TensorFlow, on the call that came out worst).{said}"
    )


def _stands_in(ranking: WeightRanking) -> str:
    if not ranking.stands_in:
        return ""
    return (
        f" {show_limit(ranking.limit_db)} is a little more than now: the SQNR kept its limit, and whether this is enough for "
        "the one that was missed, another run tells."
    )


def exclude_entry(ranking: WeightRanking) -> list[str]:
    """``exclude:`` as it can be pasted into the variant's entry; patterns, so that no name means more than itself.

    Empty where there is nothing to be left out, or all of it.
    """
    if not ranking.exclude or ranking.needs_all:
        return []
    return ["exclude:", *(f"  - {_quoted(_pattern(name))}" for name in ranking.exclude)]


def _pattern(name: str) -> str:
    """A name as a pattern that matches it alone."""
    return "".join(f"[{each}]" if each in "*?[" else each for each in name)


def _quoted(text: str) -> str:
    return "'" + one_line(text, MESSAGE_LIMIT).replace("'", "''") + "'"


def _untried(ranking: WeightRanking) -> bool:
    return ranking.tried < ranking.total


def _ranking(ranking: WeightRanking) -> list[str]:
    lines = [markdown_text(ranking_sentence(ranking)), ""]
    if entry := exclude_entry(ranking):
        lines += [*code_block("\n".join(entry), _ENTRY_LIMIT).splitlines(), ""]
    if ranking.weights:
        lines += [*markdown_table(WEIGHTS, ranking.weights[:MOST_WEIGHTS]), ""]
    if len(ranking.weights) > MOST_WEIGHTS:
        lines += [f"and {len(ranking.weights) - MOST_WEIGHTS} more in results.json", ""]
    return lines
