"""Tables in markdown files, between markers: nothing in there is written by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path


def put_between(begin: str, end: str, text: str, file: Path) -> None:
    """Put ``text`` between the two markers of a file. Raises ``ValueError`` when there are none."""
    before, found_begin, rest = file.read_text(encoding="utf-8").partition(begin)
    _, found_end, after = rest.partition(end)
    if not found_begin or not found_end:
        raise ValueError(f"{file.name} has no {begin} and {end}")
    file.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Markdown; the first column is a name, the others are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
