"""What one variant's timing on one backend came to: the raw samples, and the statistics made from them."""

from __future__ import annotations

from dataclasses import dataclass

from tfjsci.browser.protocol import Timing


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """Of the steady samples, in milliseconds. ``mad`` is the median absolute deviation, unscaled."""

    runs: int
    median_ms: float
    mad_ms: float
    p90_ms: float
    min_ms: float


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """One variant on one backend."""

    variant: str
    timing: Timing
    steady: Statistics
    leaked_tensors: int
    """Tensors more after the steady runs than before them."""
