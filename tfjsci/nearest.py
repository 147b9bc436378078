"""Did you mean …? One spelling of the question for every message."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(wanted: str, names: Iterable[str]) -> str:
    """`` Did you mean "images"?`` with a space before it, or nothing when no name is near."""
    near = get_close_matches(wanted, list(names), n=1, cutoff=0.6)
    return f' Did you mean "{near[0]}"?' if near else ""
