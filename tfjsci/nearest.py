"""Did you mean …? One spelling of the question for every message."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher, get_close_matches


def did_you_mean(wanted: str, names: Iterable[str]) -> str:
    """`` Did you mean "images"?`` with a space before it, or nothing when no name is near."""
    near = get_close_matches(wanted, list(names), n=1, cutoff=0.6)
    return f' Did you mean "{near[0]}"?' if near else ""


def nearest_names(pattern: str, names: Sequence[str]) -> list[str]:
    """The names, at most three, that a pattern with wildcards came nearest to: by all of a name or by a part between slashes."""
    wanted = [part for part in pattern.replace("?", "*").split("*") if part]
    scores = {name: max((_likeness(part, name) for part in wanted), default=0.0) for name in names}
    return sorted((name for name in names if scores[name] >= 0.6), key=lambda name: -scores[name])[:3]


def _likeness(wanted: str, name: str) -> float:
    parts = (name, *name.split("/"))
    return max(SequenceMatcher(None, wanted.strip("/"), part).ratio() for part in parts)
