"""What a report says of inputs: where the values came from, and how much rests on them. No arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class InputSummary:
    """Where an input's values came from: a file, or a seed with a range."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    """Of the whole file, or of one inference when random."""
    origin: str
    """``samples/digits.npz`` or ``random, seed 0, [0, 1)``."""


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What the numbers of a comparison rest on."""

    samples: int
    """Entries of the first input's first axis, over all calls."""
    calls: int
    values: Literal["real", "partly random", "random"]
    """``real``: each input is from a file."""
    labels: int = 0
    """Right classes that are known; 0 if none are."""

    def __str__(self) -> str:
        """``64 real samples in 2 calls``."""
        calls = f" in {self.calls} calls" if self.calls > 1 else ""
        return f"{self.samples} {self.values} sample{'' if self.samples == 1 else 's'}{calls}"
