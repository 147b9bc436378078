"""What clipping would cost, from counts: values are sorted by the first 16 bits of their float32, a bin every 0.8 %.

Such bins need no range to be known before, and resolve small values beside a huge one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BINS = 1 << 16
OCTAVES = 14
"""Ends are tried down to 2 to the power of minus this of their distance from zero."""

PER_OCTAVE = 8


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """How many values of each row lie in each bin, [rows, bins]; bins from the least value to the largest."""

    counts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, chunks: Callable[[], Iterator[npt.NDArray[np.float32]]], rows: int) -> Histogram:
        """Of finite values."""
        counts = np.zeros((rows, BINS), np.int64)
        for chunk in chunks():
            bins = (np.ascontiguousarray(chunk).view(np.uint32) >> 16).astype(np.intp)
            for i in range(rows):
                counts[i] += np.bincount(bins[i], minlength=BINS)
        return cls(counts=counts[:, _ORDER])

    def best_shares(self, row: int, low: float, high: float, steps: int) -> tuple[float, float]:
        """How far the ends are best drawn in towards zero (or the end nearest to it), as shares of 1 at most.

        The cost of a range is what the values beyond it are off, squared, and a twelfth of a squared step for each within.
        Zeros are exact and cost nothing; no range costs more than storing all within as 0.
        """
        counts = self.counts[row].astype(np.float64)
        present = counts > 0
        counts, centres = counts[present], _CENTRES[present]
        anchor = min(max(0.0, low), high)
        shares = 2.0 ** (-np.arange(OCTAVES * PER_OCTAVE) / PER_OCTAVE)
        lows, highs = anchor + (low - anchor) * shares, anchor + (high - anchor) * shares
        below, cut_below = _beyond(-centres[::-1], counts[::-1], -lows)
        above, cut_above = _beyond(centres, counts, highs)
        inside = counts.sum() - cut_below[:, None] - cut_above[None, :]
        if low <= 0 <= high:
            inside = inside - counts[np.abs(centres) < _TINY].sum()
        step = (highs[None, :] - lows[:, None]) / steps
        rounding = np.maximum(inside, 0) * step**2 / 12
        if low <= 0 <= high:
            squares = float((counts * centres**2).sum())
            rounding = np.minimum(rounding, squares)
        cost = below[:, None] + above[None, :] + rounding
        i, j = np.unravel_index(int(np.argmin(cost)), cost.shape)
        return float(shares[i]), float(shares[j])


def _beyond(
    centres: npt.NDArray[np.float64], counts: npt.NDArray[np.float64], ends: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Of each end, the squared distances of all values above it, and their number. ``centres`` ascend."""
    # sums from the far end on: a huge value at the other one would swallow the rest
    number, first, second = (np.append(np.cumsum((counts * centres**power)[::-1])[::-1], 0.0) for power in range(3))
    start = np.searchsorted(centres, ends, side="right")
    squares = second[start] - 2 * ends * first[start] + ends**2 * number[start]
    return np.maximum(squares, 0.0), number[start]


def _bins() -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    keys = np.arange(BINS, dtype=np.uint32)
    with np.errstate(invalid="ignore"):
        centres = ((keys << 16) | 0x8000).astype(np.uint32).view(np.float32).astype(np.float64)
    finite = np.flatnonzero((keys & 0x7F80) != 0x7F80)
    order = finite[np.argsort(centres[finite], kind="stable")]
    return order, centres[order]


_ORDER, _CENTRES = _bins()
_TINY = 2.0**-133
"""Zeros share their bin with the smallest numbers of all."""
