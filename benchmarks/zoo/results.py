"""One file per result, so that an interrupted run goes on where it was, and what changed is measured again alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .places import ZOO, plain

Figures = dict[str, Any]


def kept(measure: str, *what: str) -> Path:
    """Where the result of a measure of something is."""
    return ZOO / "results" / measure / f"{' '.join(plain(each) for each in what)}.json"


def stored(measure: str, *what: str, of: str, quick: bool) -> Figures | None:
    """The result if it is of these artifacts and good enough: a quick one is good enough for a quick run only."""
    file = kept(measure, *what)
    if not file.exists():
        return None
    figures: Figures = json.loads(file.read_text())
    return figures if figures["of"] == of and (quick or not figures["quick"]) else None


def known(measure: str, *what: str) -> Figures | None:
    """The last result, of whatever artifacts: for the table, which tells what was measured."""
    file = kept(measure, *what)
    return json.loads(file.read_text()) if file.exists() else None


def measured(measure: str, *what: str, of: str, quick: bool, run: Callable[[], Figures]) -> Figures:
    """The stored result, or a new one, which is stored."""
    if (there := stored(measure, *what, of=of, quick=quick)) is not None:
        return there
    figures = {"of": of, "quick": quick, **run()}
    file = kept(measure, *what)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(json.dumps(figures, indent=1))
    part.replace(file)
    return figures
