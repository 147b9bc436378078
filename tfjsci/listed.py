"""``a, b, c and 4 more``, ``1 node``, ``2 nodes``: names and counts in a message."""

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


def plural(count: int, one: str, many: str | None = None) -> str:
    """``1 model``, ``2 models``."""
    return f"{count} {one if count == 1 else many or one + 's'}"
