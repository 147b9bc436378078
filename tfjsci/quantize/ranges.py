"""The range of each row that costs the least squared error: how far its ends are drawn in towards zero.

A value beyond the range is off by its distance from it, all others by half a step at most, and the steps are as short as the
range is. Short rows try ranges on all their values; of long ones a histogram says what each of some ten thousand would cost,
and a sample is tried on ranges around the best. The whole range, from the smallest value to the largest, is always among
them, and wins unless another one has a smaller error to the last value.

Source: the clipping of Sung, Shin and Hwang, *Resiliency of deep neural networks under quantization* (2015), by a search as in
Choukroun et al., *Low-bit quantization of neural networks for efficient inference* (2019), for each end apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tfjsci.quantize.grid import MODERATE, Errors, Grid, Rows, Wide, grid_between
from tfjsci.quantize.histogram import Histogram

Chunks = Callable[[], Iterator[npt.NDArray[np.float32]]]
"""The rows' values, [rows, some] at a time, as often as they are asked for."""

LONG = 1 << 16
"""Values of a row from which on a histogram, and tries on a sample, are cheaper than tries on all of them, and as good."""

SAMPLE = 1 << 14
"""Values of such a sample."""

Shares = tuple[Wide, Wide]
"""Of each row's lower and upper end, float64 [rows, 1]: at which share of its distance from zero the range ends."""

RATIO = 0.8
"""Of a range that a short row tries to the one before, at least: nearer to 1 where less can be gained."""

SHORTEST = 1 / 32
"""Of an end's distance from zero, in a short row: so few values can't gain more from a shorter range."""

PATIENCE = 2
"""Tries in a row that gain nothing, until no shorter ones are looked at."""

CLOSER: tuple[tuple[tuple[float, float], ...], ...] = (
    ((0.5, 0.5), (-0.5, -0.5)),
    ((0.5, 0), (-0.5, 0)),
    ((0, 0.5), (0, -0.5)),
)
"""What is tried around the best after that, as powers of the ratio for the lower and the upper end."""


@dataclass(frozen=True, kw_only=True)
class Ends:
    """The smallest and the largest value of each row, float64 [rows, 1]."""

    low: Wide
    high: Wide

    @property
    def anchor(self) -> Wide:
        """What the ends are drawn in to: zero, or the end that is nearest to it."""
        return np.asarray(np.clip(0.0, self.low, self.high))

    def drawn_in(self, low_share: Wide, high_share: Wide) -> Ends:
        """Ends at these shares of their distance from the anchor."""
        anchor = self.anchor
        return Ends(low=anchor + (self.low - anchor) * low_share, high=anchor + (self.high - anchor) * high_share)


def ends_of(chunks: Chunks) -> Ends:
    """The rows' own ends. Raises ``ValueError`` for values that aren't finite."""
    low = high = None
    for rows in chunks():
        least, most = rows.min(axis=1, keepdims=True), rows.max(axis=1, keepdims=True)
        low = least if low is None else np.minimum(low, least)
        high = most if high is None else np.maximum(high, most)
    assert low is not None
    assert high is not None
    if not (np.isfinite(low).all() and np.isfinite(high).all()):  # NaN comes through both
        raise ValueError("a weight with NaN or infinity can't be quantised")
    return Ends(low=low.astype(np.float64), high=high.astype(np.float64))


def least_error(chunks: Chunks, values: int, steps: int, *, single: bool) -> Grid:
    """The grid of each row with the least squared error that is found; never a worse one than that of the whole range.

    ``values`` is the length of a row, of which all come in one chunk below :data:`LONG`; ``steps`` the largest code, ``single``
    as in :class:`Grid`. Raises ``ValueError`` for values that aren't finite.
    """
    ends = ends_of(chunks)

    def grid(shares: Shares) -> Grid:
        drawn = ends.drawn_in(*shares)
        return grid_between(drawn.low, drawn.high, steps, single=single)

    whole: Shares = (np.ones_like(ends.low), np.ones_like(ends.low))
    if (ends.low == ends.high).all():
        return grid(whole)
    if values < LONG:
        (rows,) = chunks()
        search = _Search(_searchable(rows, ends), grid, start=whole, least=_least_shares(ends, values, steps))
        search.shorter()
        search.closer()
        return _best(chunks, [grid(whole), grid(search.shares)])
    counted = _counted(chunks, ends, steps)
    search = _Search(
        _searchable(_sample(chunks, values), ends), grid, start=counted, least=(whole[0] * 0, whole[1] * 0)
    )
    for times in (1.0, 0.5, 0.25):  # a sample costs little
        search.closer(times)
    return _best(chunks, [grid(whole), grid(counted), grid(search.shares)])


def _best(chunks: Chunks, grids: list[Grid]) -> Grid:
    """Of each row the grid with the least error, in float64 over all values; the first of equal ones."""
    sums: list[Wide] = [np.zeros_like(each.scale) for each in grids]
    for rows in chunks():
        errors = Errors(rows.astype(np.float64))
        for i, grid in enumerate(grids):
            sums[i] = sums[i] + errors.of(grid)
    best, least = grids[0], sums[0]
    for grid, error in zip(grids[1:], sums[1:], strict=True):
        better = error < least
        best, least = grid.where(better, best), np.where(better, error, least)
    return best


def _searchable(rows: npt.NDArray[np.float32], ends: Ends) -> Rows:
    """In float64 where float32 hasn't the room, which takes twice the time."""
    span = ends.high - ends.low
    moderate = (span == 0) | ((span > MODERATE[0]) & (span < MODERATE[1]))
    return rows if moderate.all() else rows.astype(np.float64)


class _Search:
    """The best shares of those that were tried on all of ``rows``."""

    def __init__(self, rows: Rows, grid: Callable[[Shares], Grid], *, start: Shares, least: Shares) -> None:
        self._errors = Errors(rows)
        self._grid = grid
        self._least = least
        self._ratios = tuple(np.maximum(RATIO, shortest**0.25) for shortest in least)
        self.shares = start
        self._error = self._errors.of(grid(start))

    def shorter(self) -> None:
        """Ever shorter ranges from the first on, as long as a row gains by it."""
        start, power, in_vain = self.shares, 1, 0
        while in_vain < PATIENCE and any(
            (ratio ** (power - 1) > least).any() for ratio, least in zip(self._ratios, self._least, strict=True)
        ):
            in_vain = 0 if self._attempt(start, (power, power)) else in_vain + 1
            power += 1

    def closer(self, times: float = 1.0) -> None:
        """Around the best, and each end alone, so many times as far."""
        for around in CLOSER:
            start = self.shares
            for low, high in around:
                self._attempt(start, (low * times, high * times))

    def _attempt(self, start: Shares, powers: tuple[float, float]) -> bool:
        """Whether any row gains."""
        low, high = (
            np.clip(share * ratio**power if power else share, least, 1.0)
            for share, ratio, least, power in zip(start, self._ratios, self._least, powers, strict=True)
        )
        found = self._errors.of(self._grid((low, high)))
        better = found < self._error
        self.shares = np.where(better, low, self.shares[0]), np.where(better, high, self.shares[1])
        self._error = np.where(better, found, self._error)
        return bool(better.any())


def _least_shares(ends: Ends, values: int, steps: int) -> tuple[Wide, Wide]:
    """How far each end may be drawn in at all.

    With the whole range no value is off by more than half a step, so drawing an end in by more than half a step times
    sqrt(values) costs more, at that end alone, than all of them together.
    """
    most = (ends.high - ends.low) / steps / 2 * np.sqrt(values)

    def share(distance: Wide) -> Wide:
        return np.asarray(np.clip(1 - most / np.where(distance > 0, distance, 1), SHORTEST, 1.0))

    return share(ends.anchor - ends.low), share(ends.high - ends.anchor)


def _counted(chunks: Chunks, ends: Ends, steps: int) -> Shares:
    """The shares that a histogram finds best."""
    histogram = Histogram.of(chunks, len(ends.low))
    best = [
        histogram.best_shares(i, float(ends.low[i, 0]), float(ends.high[i, 0]), steps) for i in range(len(ends.low))
    ]
    low, high = (np.array(each)[:, None] for each in zip(*best, strict=True))
    return low, high


def _sample(chunks: Chunks, values: int) -> npt.NDArray[np.float32]:
    """Some of each row's values, drawn from all parts of it: any pattern in their order must not show."""
    draw = np.random.default_rng(0)
    parts = []
    for rows in chunks():
        length = rows.shape[1]
        parts.append(rows[:, draw.integers(0, length, max(1, length * SAMPLE // values))])
    return np.concatenate(parts, axis=1)
