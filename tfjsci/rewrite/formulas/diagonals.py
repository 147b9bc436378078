"""Diagonals read out of matrices and laid into them, by the places of their elements in the matrix as one row.

A band is given as TensorFlow does: ``lowest`` to ``highest`` of its diagonals (0 is the main one, positive ones lie above),
one to a row from the highest down, all filled up to the longest at the end that ``align`` says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tfjsci.catalog.node_view import NodeView
from tfjsci.rewrite.build import (
    Dim,
    Tensor,
    arange,
    const,
    dims,
    gather,
    pad,
    product,
    reshape,
    size,
    slice_of,
)
from tfjsci.rewrite.rule import Declined

Places = npt.NDArray[np.int32]
NOWHERE = -1


@dataclass(frozen=True, kw_only=True)
class Band:
    """Some neighbouring diagonals of a matrix; ``stacked`` tells whether they have a dimension of their own."""

    lowest: int
    highest: int
    align: str = "LEFT_LEFT"

    @property
    def stacked(self) -> bool:
        """Of a single diagonal there is only the row."""
        return self.lowest != self.highest

    @property
    def count(self) -> int:
        """How many diagonals."""
        return self.highest - self.lowest + 1

    def longest(self, rows: int, columns: int) -> int:
        """The length of the longest."""
        return min(rows + min(self.highest, 0), columns - max(self.lowest, 0))

    def places(self, rows: int, columns: int) -> Places:
        """[diagonal, element] -> its place in the matrix as one row; ``NOWHERE`` for what only fills up."""
        longest = self.longest(rows, columns)
        found = np.full((self.count, longest), NOWHERE, np.int32)
        above, below = self.align.split("_")
        for i, d in enumerate(range(self.highest, self.lowest - 1, -1)):
            length = min(columns - max(d, 0), rows + min(d, 0))
            right = (above == "RIGHT" and d >= 0) or (below == "RIGHT" and d <= 0)
            begin = longest - length if right else 0
            n = np.arange(length)
            found[i, begin : begin + length] = (n + max(-d, 0)) * columns + n + max(d, 0)
        return found


def band_of(view: NodeView, k: int | None) -> Band | Declined:
    """The band that input ``k`` names (None: the main diagonal), filled up as attribute ``align`` says."""
    if k is None:
        return Band(lowest=0, highest=0)
    value = view.value(k)
    if value is None:
        return Declined(reason="which diagonals isn't a constant")
    numbers = [int(n) for n in value.reshape(-1)]
    return Band(lowest=numbers[0], highest=numbers[-1], align=view.text("align", "LEFT_LEFT"))


def on_diagonal(x: Tensor) -> Tensor:
    """[…, n]  ->  […, n, n], zeros beside the diagonal.

    As a column, padded to n + 1 and cut off after n · n elements: each row then begins one place later than the one before.
    """
    before, n = dims(x)[:-1], size(x, -1)
    wide = pad(reshape(x, [-1, n, 1]), [(0, 0), (0, 0), (0, n)])
    flat = slice_of(reshape(wide, [-1, product([n, n + 1])]), [0, 0], [-1, product([n, n])])
    return reshape(flat, [*before, n, n])


def steps(count: Dim, columns: Dim) -> Tensor:
    """The places of the main diagonal's elements: 0, columns + 1, 2 · (columns + 1), …"""
    if isinstance(count, int) and isinstance(columns, int):
        return const(np.arange(count, dtype=np.int32) * (columns + 1))
    return arange(count) * (columns + 1)


def picked_diagonal(flat: Tensor, n: Dim, axis: int) -> Tensor:
    """The diagonals of square matrices whose n · n elements are one dimension, ``axis``."""
    return gather(flat, steps(n, n), axis)


def picked(flat: Tensor, places: Places, filling: float) -> Tensor:
    """Elements of the rows of ``flat`` by their places, ``filling`` where there is none."""
    places = places.reshape(-1)
    if (places == NOWHERE).any():
        last = flat.sizes[-1]
        assert last is not None, "places are of matrices whose size is known"
        flat = pad(flat, [(0, 0), (0, 1)], filling or None)
        places = np.where(places == NOWHERE, last, places).astype(np.int32)
    return gather(flat, const(places), 1)


def filling_of(view: NodeView, index: int | None) -> float | Declined:
    """The value of input ``index`` (None: 0), which is put where there is no element."""
    if index is None:
        return 0
    value = view.value(index)
    if value is None:
        return Declined(reason="the padding value isn't a constant")
    plain: float = value.reshape(()).item()
    return plain
