#!/usr/bin/env python3
"""The tables in docs/layers.md, from the tables that layers models are made by.

script/make_layers_docs.py            write them
script/make_layers_docs.py --check    write nothing; exit 1 if they are stale
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tfjsci.layers.activations import MADE_OF, SAME  # noqa: E402
from tfjsci.layers.operations import OPERATIONS  # noqa: E402
from tfjsci.layers.table import TABLE  # noqa: E402

PAGE = ROOT / "docs" / "layers.md"
BEGIN, END = "<!-- layers: made by script/make_layers_docs.py -->", "<!-- end of layers -->"


def layers_page(text: str) -> str:
    """``text``, the page as it is, with today's tables between the marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    assert after, f"{PAGE.name} has no {END}"
    return "\n".join([before + BEGIN, *_layers(), "", *_functions(), "", *_operations(), END]) + after


def _layers() -> Iterator[str]:
    yield "| Keras' layer | becomes | refused |"
    yield "|---|---|---|"
    rows = sorted(TABLE.items(), key=lambda item: (item[1].becomes, item[1].not_when, item[0]))
    grouped = [
        ([name for name, _ in group], becomes, not_when)
        for (becomes, not_when), group in groupby(rows, key=lambda item: (item[1].becomes, item[1].not_when))
    ]
    for names, becomes, not_when in sorted(grouped):
        yield f"| {', '.join(f'`{name}`' for name in names)} | {becomes} | {not_when} |"
    yield "| nested models | themselves, called from 1 | masks that reach them |"
    yield "| any other layer | | always |"


def _functions() -> Iterator[str]:
    yield "| activation function | becomes |"
    yield "|---|---|"
    yield f"| {', '.join(f'`{name}`' for name in SAME)} | TensorFlow.js' own |"
    for name, (_, made_of) in MADE_OF.items():
        yield f"| `{name}` | {made_of} |"
    yield "| any other | refused |"


def _operations() -> Iterator[str]:
    yield "| operation | becomes |"
    yield "|---|---|"
    rows = sorted(OPERATIONS.items(), key=lambda item: (item[1].becomes, item[0]))
    for becomes, group in groupby(rows, key=lambda item: item[1].becomes):
        yield f"| {', '.join(f'`{name}`' for name, _ in group)} | {becomes} |"
    yield "| any other | refused |"


def main() -> int:
    """Write the page, or with ``--check`` compare it."""
    text = PAGE.read_text(encoding="utf-8")
    fresh = layers_page(text)
    if "--check" in sys.argv[1:]:
        return int(fresh != text)
    PAGE.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
