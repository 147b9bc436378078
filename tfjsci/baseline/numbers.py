"""How far a changed artifact's outputs are from its base's, on the same inputs and the same backend."""

from __future__ import annotations

from dataclasses import dataclass

from tfjsci.compare.comparison import OutputComparison
from tfjsci.dtypes import Backend


@dataclass(frozen=True, kw_only=True)
class NumbersChange:
    """One variant: the base's outputs against this run's. ``reason`` says why there are none; then ``outputs`` is empty."""

    variant: str
    backend: Backend
    outputs: tuple[OutputComparison, ...] = ()
    reason: str | None = None
