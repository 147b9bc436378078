"""``a, b, c and 4 more``: names in a message, as many as a reader takes in."""

from __future__ import annotations

from collections.abc import Iterable


def listed(items: Iterable[str], most: int, *, between: str = ", ") -> str:
    """The first ``most`` items and how many more there are: ``a, b and 4 more``; between semicolons ``a; b; and 4 more``."""
    every = list(items)
    shown = between.join(every[:most])
    if len(every) <= most:
        return shown
    joint = "" if between == ", " else between.rstrip()
    return f"{shown}{joint} and {len(every) - most} more"
