"""docs/layers.md says what the tables of layers models say today."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "script"))

from make_layers_docs import BEGIN, END, PAGE, layers_page  # noqa: E402


def test_the_page_is_fresh() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert layers_page(text) == text


def test_a_stale_page_would_be_seen() -> None:
    stale = f"{BEGIN}\n| `Dense` | something |\n{END}\n"
    assert layers_page(stale) != stale
