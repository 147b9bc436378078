"""A table for the page: the same columns as everywhere, with what a listener needs of them, caption and headers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic

from tfjsci.escape import one_line
from tfjsci.report.tables import NOTHING, VERDICT, Column, Row
from tfjsci.verdict import Outcome

_CELL_LIMIT = 160
_LONG = 24
_SAMPLES_LIMIT = 2_000


@dataclass(frozen=True, kw_only=True)
class Head:
    """A column's title."""

    title: str
    right: bool


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell. ``tag`` is ``th`` for what names the row; ``kind`` is its class."""

    tag: str
    kind: str
    text: str
    name: bool
    outcome: Outcome | None
    href: str | None


@dataclass(frozen=True, kw_only=True)
class TableView:
    """``id`` is the caption's, unique in the page; ``title`` stands on what folds the table away."""

    id: str
    title: str
    caption: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Link(Generic[Row]):
    """The column whose cells lead somewhere, and where."""

    column: str
    href: Callable[[Row], str]


def table(
    table_id: str,
    caption: str,
    columns: Sequence[Column[Row]],
    rows: Iterable[Row],
    link: Link[Row] | None = None,
    *,
    title: str = "",
) -> TableView:
    """``columns`` of ``rows``. Rows are named by their columns of names, or else by the first that isn't a verdict."""
    names = {column.title for column in columns if column.name}
    headers = names or {next(column.title for column in columns if not column.verdict)}
    return TableView(
        id=table_id,
        title=title,
        caption=caption,
        heads=tuple(Head(title=column.title, right=column.align == "right") for column in columns),
        rows=tuple(tuple(_cell(column, row, column.title in headers, link) for column in columns) for row in rows),
    )


def _cell(column: Column[Row], row: Row, header: bool, link: Link[Row] | None) -> Cell:
    text = column.cell(row)
    outcome: Outcome | None = None
    if column.verdict:
        outcome, text = _split(text)
    name = column.name and text != NOTHING
    limit = _SAMPLES_LIMIT if column.title == SAMPLES else _CELL_LIMIT
    return Cell(
        tag="th" if header else "td",
        kind=_kind(column, text),
        text=one_line(text) if name else one_line(text, limit),
        name=name,
        outcome=outcome,
        href=link.href(row) if link and link.column == column.title and name else None,
    )


def _kind(column: Column[Row], text: str) -> str:
    """The cell's class: what is long has room of its own, or else a wide table makes a tower of it."""
    if column.title == SAMPLES:
        return "samples"
    if column.align == "right":
        return "right"
    if column.verdict:
        return "verdict"
    return "long" if len(text) > _LONG and not column.name else "text"


SAMPLES = "Every run (ms)"
"""The title of a column with as many numbers as there are samples."""


def _split(text: str) -> tuple[Outcome | None, str]:
    """``✅ pass · 1.2 ms`` as ``pass`` and ``1.2 ms``."""
    for outcome, shown in VERDICT.items():
        if text == shown or text.startswith(f"{shown} · "):
            return outcome, text[len(shown) :].removeprefix(" · ")
    return None, text
