"""A weight seen as rows that share a scale each, read a block at a time: no second copy of a large weight is ever made."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt

BLOCK = 1 << 17
"""Values that are worked on at once: what a few passes over them need stays in a core's own cache."""

ROWS = 16
"""Rows of a block, at least: in a row-major matrix, so many neighbouring columns fill a cache line."""

WHOLE = slice(None), slice(None)
"""All of a band's values."""

LEAST_GROUP = 16
"""Below it the scales cost more than they gain."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How a weight's dimensions are shared out.

    ``grouped``: its shape, with the dimension that is split into groups as two. ``own``: which have a scale for each place.
    """

    grouped: tuple[int, ...]
    own: tuple[bool, ...]

    @property
    def scale_shape(self) -> tuple[int, ...]:
        """The shape of the scales, of ``grouped``'s rank."""
        return tuple(size if own else 1 for size, own in zip(self.grouped, self.own, strict=True))

    @property
    def shared(self) -> int:
        """How many weights share a scale."""
        return math.prod(size for size, own in zip(self.grouped, self.own, strict=True) if not own)


def layout_of(shape: Sequence[int], axes: Sequence[int], group: int | None) -> Layout:
    """One scale for each place along ``axes``; with ``group``, for each run of so many weights within it.

    The last dimensions that follow each other and aren't channels are split; where ``group`` doesn't divide them, into the
    largest groups of 16 weights or more that do, and if there are none, not at all.
    """
    channel = [axis in {each % len(shape) for each in axes} for axis in range(len(shape))] if shape else []
    plain = Layout(grouped=tuple(shape), own=tuple(channel))
    runs = [(own, math.prod(size for size, _ in dims)) for own, dims in _runs(shape, channel)]
    split = next((i for i in reversed(range(len(runs))) if not runs[i][0]), None)
    if group is None or split is None:
        return plain
    length = runs[split][1]
    size = next((n for n in range(min(group, length), LEAST_GROUP - 1, -1) if length % n == 0), None)
    if size is None or (size == length and sum(not own for own, _ in runs) == 1):
        return plain
    grouped: list[int] = []
    owned: list[bool] = []
    for i, (_, run) in enumerate(runs):
        grouped += [run // size, size] if i == split else [run]
        owned += [True, False] if i == split else [True]
    return Layout(grouped=tuple(grouped), own=tuple(owned))


def _runs(shape: Sequence[int], own: Sequence[bool]) -> Iterator[tuple[bool, list[tuple[int, bool]]]]:
    for key, dims in groupby(zip(shape, own, strict=True), lambda pair: pair[1]):
        yield key, list(dims)


@dataclass(frozen=True, kw_only=True)
class Band:
    """A few rows, and where they lie in the four-dimensional view [rows, values, rows, values]."""

    outer: slice
    inner: slice
    rows: int


class RowView:
    """An array as rows of values that share a scale. Writing goes into the array itself."""

    def __init__(self, array: npt.NDArray[Any], layout: Layout) -> None:
        """``array`` has ``layout.grouped``'s number of elements and lies in memory row by row."""
        runs = list(_runs(layout.grouped, layout.own))
        sizes = [math.prod(size for size, _ in dims) for _, dims in runs]
        owns = [own for own, _ in runs]
        if owns[:1] == [False]:
            sizes, owns = [1, *sizes], [True, *owns]
        sizes += [1] * (4 - len(sizes))
        if len(sizes) > 4:
            raise ValueError(f"channels along {len(owns)} separate dimensions of {layout.grouped} aren't supported")
        self._view: npt.NDArray[Any] = array.reshape(sizes)
        self._sizes = (sizes[0], sizes[1], sizes[2], sizes[3])
        self.values = sizes[1] * sizes[3]

    def bands(self, *, wide: bool = False) -> Iterator[Band]:
        """All rows, a few at a time, in order; ``wide``: neighbouring ones as many as can be, for whoever looks only twice."""
        outer, _, inner, _ = self._sizes
        at_once = max(ROWS, BLOCK // max(self.values, 1))
        if wide and inner > 1:
            at_once = max(at_once, BLOCK // ROWS)
        if inner == 1:
            for start in range(0, outer, at_once):
                stop = min(start + at_once, outer)
                yield Band(outer=slice(start, stop), inner=slice(0, 1), rows=stop - start)
            return
        for place in range(outer):
            for start in range(0, inner, at_once):
                stop = min(start + at_once, inner)
                yield Band(outer=slice(place, place + 1), inner=slice(start, stop), rows=stop - start)

    def parts(self, band: Band, values: int | None = None) -> Iterator[tuple[slice, slice]]:
        """The places of a band's values, so many of a row at a time, or that a block isn't much exceeded."""
        _, first, _, second = self._sizes
        most = values or max(1, max(BLOCK, ROWS * ROWS) // band.rows)
        if first * second <= most:
            yield slice(0, first), slice(0, second)
            return
        along = max(1, most // second)
        across = second if along > 1 or second <= most else most
        for start in range(0, first, along):
            for place in range(0, second, across):
                yield slice(start, start + along), slice(place, place + across)

    def read(self, band: Band, part: tuple[slice, slice]) -> npt.NDArray[Any]:
        """[rows, values] of a part; the array's own memory where that can be."""
        block = self._view[band.outer, part[0], band.inner, part[1]].transpose(0, 2, 1, 3)
        return np.reshape(block, (band.rows, -1))

    def write(self, band: Band, part: tuple[slice, slice], rows: npt.NDArray[Any]) -> None:
        """The opposite of :meth:`read`."""
        place = self._view[band.outer, part[0], band.inner, part[1]].transpose(0, 2, 1, 3)
        place[...] = rows.reshape(place.shape)

    def chunks(self, band: Band) -> Iterator[npt.NDArray[Any]]:
        """[rows, some values] after each other."""
        for part in self.parts(band):
            yield self.read(band, part)
