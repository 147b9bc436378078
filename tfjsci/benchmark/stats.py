"""What a list of times comes to: the middle, the spread around it, the slow end and the fast end. Pure.

Median and MAD rather than mean and deviation: one garbage collection in twenty runs mustn't move the result.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from tfjsci.benchmark.benchmark import Statistics


def summarize(samples_ms: Sequence[float]) -> Statistics:
    """Median, median absolute deviation (unscaled), 90th percentile and minimum of steady runs, in milliseconds.

    Raises ``ValueError`` if there are none, or one isn't a finite time of at least zero.
    """
    if not samples_ms:
        raise ValueError("there are no samples")
    bad = next((ms for ms in samples_ms if not (math.isfinite(ms) and ms >= 0)), None)
    if bad is not None:
        raise ValueError(f"{bad} isn't a time")
    median = quantile(samples_ms, 0.5)
    return Statistics(
        runs=len(samples_ms),
        median_ms=median,
        mad_ms=quantile([abs(ms - median) for ms in samples_ms], 0.5),
        p90_ms=quantile(samples_ms, 0.9),
        min_ms=min(samples_ms),
    )


def quantile(samples: Sequence[float], share: float) -> float:
    """Linear between the two samples around position ``share`` · (n - 1): Hyndman and Fan's type 7, numpy's default.

    With 20 runs the 90th percentile lies between the second and the third slowest, so a single outlier isn't it.
    """
    ordered = sorted(samples)
    position = share * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)
