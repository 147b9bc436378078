"""What a report says of an input: a name, a type, and where the values came from. No arrays."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class InputSummary:
    """Where an input's values came from: a file, or a seed with a range."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    """Of the whole file, or of one inference when random."""
    origin: str
    """``samples/digits.npz`` or ``random, seed 0, [0, 1)``."""
