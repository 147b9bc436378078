"""MatrixDiag(x)  ->  Pad and Slice: [n, 1] padded to [n, n + 1] and cut off after n · n elements has x on its diagonal

Other diagonals than the main one, several, and other sizes: each element of the matrix is picked from its diagonal (Pad,
for what has none, and GatherV2).
"""

from __future__ import annotations

import math

import numpy as np

from tfjsci.rewrite.build import Tensor, dims, reshape
from tfjsci.rewrite.formulas.diagonals import NOWHERE, Band, band_of, filling_of, on_diagonal, picked
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """Which of the two ways."""
    x = node.inputs[0]
    if node.op == "Diag":
        n = math.prod(x.static_sizes)
        return reshape(on_diagonal(reshape(x, [n])), [*x.static_sizes, *x.static_sizes])
    if node.op == "MatrixDiag":
        return on_diagonal(x)
    band, filling = band_of(node, 1), filling_of(node, 4)
    given = [node.number_in(i) for i in (2, 3)]
    if isinstance(band, Declined):
        return band
    if isinstance(filling, Declined):
        return filling
    if None in given:
        return Declined(reason="the matrix's size isn't a constant")
    length = x.sizes[-1]
    wanted = {-1, length} if length is not None else {-1}
    if not band.stacked and band.highest == 0 and filling == 0 and set(given) <= wanted:
        return on_diagonal(x)
    if length is None:
        return Declined(reason="the length of the diagonals isn't known before the model runs")
    rows, columns = _sizes(band, length, *(n or 0 for n in given))
    return _laid(x, band, rows, columns, filling)


def _sizes(band: Band, length: int, rows: int, columns: int) -> tuple[int, int]:
    """-1 is what the diagonals need; of a matrix of no given size at all, a square."""
    least_rows, least_columns = length - min(band.highest, 0), length + max(band.lowest, 0)
    if rows == columns == -1:
        return (max(least_rows, least_columns),) * 2
    return least_rows if rows == -1 else rows, least_columns if columns == -1 else columns


def _laid(x: Tensor, band: Band, rows: int, columns: int, filling: float) -> Tensor:
    places = band.places(rows, columns)
    into = np.full(rows * columns, NOWHERE, np.int32)
    there = places != NOWHERE
    into[places[there]] = np.arange(places.size, dtype=np.int32).reshape(places.shape)[there]
    before = dims(x)[: -2 if band.stacked else -1]
    return reshape(picked(reshape(x, [-1, places.size]), into, filling), [*before, rows, columns])


LOWERING = Lowering(
    name="matrix_diag",
    ops=("Diag", "MatrixDiag", "MatrixDiagV2", "MatrixDiagV3"),
    equation="MatrixDiag(x) → Reshape(Slice(Reshape(Pad(x as a column))))",
    lower=lower,
)
