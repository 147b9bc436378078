"""Many nets' ratios in one number."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from .results import Figures


@dataclass(frozen=True, kw_only=True)
class Mean:
    """A geometric mean with its 95 % interval."""

    middle: float
    low: float
    high: float


def geometric_mean(found: Iterable[Figures], ratio: str) -> Mean:
    """Of the figures named ``ratio``; the interval follows from theirs, which are independent of one another."""
    each = list(found)
    middle = math.fsum(math.log(figures[ratio]) for figures in each) / len(each)
    half = math.hypot(*(math.log(figures["high"] / figures["low"]) / 2 for figures in each)) / len(each)
    return Mean(middle=math.exp(middle), low=math.exp(middle - half), high=math.exp(middle + half))
