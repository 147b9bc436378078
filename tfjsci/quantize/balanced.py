"""Rounding whose errors cancel out: those of an output channel's weights sum up to about nothing.

An output is off by Σ xᵢ eᵢ, over its inputs x and the errors e of its weights. What the inputs have in common (behind a ReLU all
are positive) is multiplied with Σ eᵢ, and that is several steps when a few hundred weights are rounded to the nearest. So as many
as that are rounded to their other side: those that lie nearest to the middle between two codes, whom it costs next to nothing.

Source: Guo et al., *SQuant: on-the-fly data-free quantization via diagonal Hessian approximation* (2022), of which this is the
part about channels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tfjsci.quantize.grid import MODERATE, Grid, Rows, Wide
from tfjsci.quantize.weight import Codes

Places = npt.NDArray[np.intp]

STRETCH = 1 << 13
"""Values of a row that are balanced at once; what they leave, half a step at most, the next ones make up for."""

LEAST = 0.25
"""Of a step: by so much a value is off, at least, that goes to its other side. So none is off by more than three quarters of a
step then, and what is exact stays so, zeros above all."""

SLACK = 1e-4
"""Half a step that comes of adding up numbers isn't more than half a step."""


class Balance:
    """Codes of rows, a few rows after the other and a stretch of their values after the other.

    All of one weight should be rounded by one of these: the space that it works in is taken once.
    """

    def __init__(self) -> None:
        self._spaces: dict[tuple[str, str], npt.NDArray[Any]] = {}

    def begin(self, grid: Grid) -> None:
        """The rows that come now lie on this grid."""
        self._grid = grid
        self._sums: Wide = np.zeros(len(grid.scale))
        self._first, self._last = grid.reach()
        moderate = ((grid.scale > MODERATE[0]) & (grid.scale < MODERATE[1])).all()
        self._dtype = np.dtype(np.float32 if moderate and grid.steps < 256 else np.float64)

    def codes(self, rows: Rows) -> Codes:
        """Of the rows' next values, [rows, some], all finite: the nearest code of each, or the next one on its other side.

        uint8, or uint16 above 255, none that float32 can't hold; to be read until the next are asked for.
        """
        turned = rows.strides[0] < rows.strides[1]  # as they lie in memory
        along = 0 if turned else 1
        values = rows.T if turned else rows

        def of_rows(numbers: npt.NDArray[Any]) -> npt.NDArray[Any]:
            return np.expand_dims(numbers.reshape(-1).astype(self._dtype), along)

        off, codes = (self._space(name, values.shape, self._dtype) for name in ("off", "codes"))
        np.subtract(values, of_rows(self._grid.offset), out=off)
        np.multiply(off, of_rows(1 / self._grid.scale), out=off)
        np.rint(off, out=codes)
        np.clip(codes, of_rows(self._first), of_rows(self._last), out=codes)
        np.subtract(off, codes, out=off)
        sums = self._sums + off.sum(axis=along, dtype=np.float64)
        way = np.where(sums > 0, 1.0, -1.0)
        np.multiply(off, of_rows(way), out=off)
        ends = np.where(way > 0, self._last[:, 0], self._first[:, 0])
        flips, row = self._largest(off, codes, ends, np.ceil(np.abs(sums) - 0.5 - SLACK), along)
        codes.reshape(-1)[flips] += way[row].astype(self._dtype)
        self._sums = sums - way * np.bincount(row, minlength=len(way))
        found = self._space("found", values.shape, np.dtype(np.uint8 if self._grid.steps < 256 else np.uint16))
        np.copyto(found, codes, casting="unsafe")
        return found.T if turned else found

    def _largest(self, off: Rows, codes: Rows, ends: Wide, wanted: Wide, along: int) -> tuple[Places, Places]:
        """Where, in all of ``off``, the ``wanted`` largest values of each row lie, and in which row: of those of :data:`LEAST` or
        more whose codes aren't at the end.

        Errors are spread evenly from 0 to a half, so that the largest are found among few; where they aren't, among all.
        """
        likely = np.maximum(LEAST, 0.5 - (2 * wanted + 8) / off.shape[along])
        among = self._space("among", off.shape, np.dtype(np.bool_))
        for least in (likely, np.full_like(likely, LEAST)):
            enough = np.where(wanted > 0, least, np.inf).astype(off.dtype)
            np.greater_equal(off, np.expand_dims(enough, along), out=among)
            where = np.flatnonzero(among)
            row = where % off.shape[1] if along == 0 else where // off.shape[1]
            kept = codes.reshape(-1)[where] != ends[row]
            where, row = where[kept], row[kept]
            if (np.bincount(row, minlength=len(wanted)) >= np.where(least > LEAST, wanted, 0)).all():
                break
        order = np.lexsort((where, -off.reshape(-1)[where], row))
        where, row = where[order], row[order]
        taken = np.arange(len(row)) - np.searchsorted(row, row) < wanted[row]
        return where[taken], row[taken]

    def _space(self, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> npt.NDArray[Any]:
        size = int(np.prod(shape))
        space = self._spaces.get((name, dtype.name))
        if space is None or space.size < size:
            space = self._spaces[name, dtype.name] = np.empty(size, dtype)
        return space[:size].reshape(shape)
