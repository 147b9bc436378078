"""A key that stands twice in an object of JSON: Python would take the last of the two values, and another reader the first."""

from __future__ import annotations

from typing import Any


class RepeatedKeyError(Exception):
    """``key`` stands twice. No ``ValueError``, which is what a file that isn't JSON raises."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The ``object_pairs_hook`` of :func:`json.loads`. Raises ``RepeatedKeyError``."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise RepeatedKeyError(key)
        found[key] = value
    return found
