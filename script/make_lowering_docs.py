"""The list in docs/lowerings.md: each lowering with its ops, equation, accuracy and limits.

Written by ``script/make_catalog.py`` (``--docs``) between two marks; tests/repo/test_catalog_fresh.py compares.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tfjsci.rewrite.lowering import Lowering
from tfjsci.rewrite.lowerings import all_lowerings

LOWERINGS_FILE = Path(__file__).resolve().parent.parent / "docs" / "lowerings.md"
BEGIN, END = "<!-- lowerings: made by script/make_catalog.py --docs -->", "<!-- end of lowerings -->"


def lowerings_page(text: str) -> str:
    """``text``, the page as it is, with today's list between the marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    assert after, f"{LOWERINGS_FILE.name} has no {END}"
    return "\n".join([before + BEGIN, *_rows(), END]) + after


def _rows() -> Iterator[str]:
    yield "| lowering | ops | equation | remarks |"
    yield "|---|---|---|---|"
    for each in all_lowerings():
        ops = ", ".join(f"`{op}`" for op in each.ops)
        yield f'| <a id="{each.name}"></a>`{each.name}` | {ops} | {_plain(each.equation)} | {_plain(_remarks(each))} |'


def _remarks(lowering: Lowering) -> str:
    parts = [part.strip().rstrip(".") for part in (lowering.accuracy, lowering.limits) if part]
    return ". ".join(f"{part[0].upper()}{part[1:]}" for part in parts)


def _plain(text: str) -> str:
    """Text for a cell: no pipe ends it, no star or bracket is markup."""
    for character in ("\\", "|", "*", "_", "[", "<"):
        text = text.replace(character, f"\\{character}")
    return text
