"""A table is a list of columns, and a column is data: its title, and what it shows of a row.

Cells are plain text; whoever draws the table escapes them for its place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from tfjsci.escape import code, markdown_text
from tfjsci.units import show_ms
from tfjsci.verdict import Outcome

Row = TypeVar("Row")

NOTHING = "–"
"""What stands where there is no value."""

VERDICT: dict[Outcome, str] = {"pass": "✅ pass", "warn": "⚠️ warn", "fail": "❌ fail"}
"""Never the icon alone: it can't be searched for, and isn't read aloud."""

_CELL_LIMIT = 160
_BREAKS_BADLY = re.compile(
    r"(?<=\d) (?=(?:[kMG]?B|ms|s|dB|%)(?:\W|$))"  # 5.21 ms
    "|(?<=[✅❌\ufe0f]) "
    r"|(?:(?<=[+−]\d)|(?<=[+−]\d\d)) (?=[A-Za-z_])"  # +1 Elu
)
"""A space at which a narrow column would put a unit, a verdict's word or an op on a line of its own."""

_WIDEST = 48
"""Cells up to here stand in line; a longer one must not make all lines long."""


@dataclass(frozen=True, kw_only=True)
class Column(Generic[Row]):
    """One column. ``name``: its cells are names from outside, to be set as code. ``verdict``: they begin with one."""

    title: str
    cell: Callable[[Row], str]
    align: Literal["left", "right"] = "left"
    name: bool = False
    verdict: bool = False


def markdown_table(columns: Sequence[Column[Row]], rows: Iterable[Row]) -> list[str]:
    """The lines of a table, padded so that they read well unrendered, too."""
    cells = [[markdown_text(column.title) for column in columns]]
    cells += [[_cell(column, row) for column in columns] for row in rows]
    widths = [max(3, *(min(width(line[n]), _WIDEST) for line in cells)) for n in range(len(columns))]
    rule = ["-" * (w - 1) + ":" if c.align == "right" else "-" * w for c, w in zip(columns, widths, strict=True)]
    lines = [cells[0], rule, *cells[1:]]
    return [
        "| " + " | ".join(_pad(text, w, c.align) for text, w, c in zip(line, widths, columns, strict=True)) + " |"
        for line in lines
    ]


def number(value: float | None) -> str:
    """Three significant digits, or a dash."""
    return NOTHING if value is None else f"{value:.3g}"


def milliseconds(value: float | None) -> str:
    """``12.3 ms``, ``0.0123 ms``, or a dash."""
    if value is None:
        return NOTHING
    return show_ms(value) if value >= 1 else f"{value:.3g} ms"


def bare_ms(value: float) -> str:
    """Milliseconds where the title has the unit: three significant digits, never an exponent above one."""
    if value < 1:
        return f"{value:.3g}"
    decimals = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{float(f'{value:.3g}'):.{decimals}f}"


def width(text: str) -> int:
    """Columns of a terminal that ``text`` takes."""
    # Not rich's: its tables change with its releases, and a report is to be the same file everywhere.
    columns = 0
    for character in text:
        if character == "\ufe0f":
            columns += 1  # makes the symbol before it an emoji, two columns wide
        elif unicodedata.category(character) not in {"Mn", "Me"}:
            columns += 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
    return columns


def _cell(column: Column[Row], row: Row) -> str:
    text = column.cell(row)
    if column.name and text != NOTHING:
        return code(text)
    return _BREAKS_BADLY.sub("\u00a0", markdown_text(text, _CELL_LIMIT))


def _pad(text: str, columns: int, align: str) -> str:
    gap = " " * max(0, columns - width(text))
    return gap + text if align == "right" else text + gap
