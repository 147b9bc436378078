"""MatrixSetDiag(x, diagonal)  ->  Select(row = column, diagonal, x)

Other diagonals, and several: each element of the result is picked from x and the diagonals side by side (ConcatV2, GatherV2).
"""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.build import (
    Tensor,
    arange,
    concat,
    const,
    dims,
    equal,
    expand,
    gather,
    minimum,
    reshape,
    scalar,
    size,
    where,
)
from tfjsci.rewrite.formulas.diagonals import NOWHERE, Band, band_of
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """Which of the two ways."""
    x, diagonal = node.inputs[:2]
    band = band_of(node, None if node.op == "MatrixSetDiag" else 2)
    if isinstance(band, Declined):
        return band
    if not band.stacked and band.highest == 0:
        return _selected(x, diagonal)
    rows, columns = x.sizes[-2:]
    if rows is None or columns is None:
        return Declined(reason="the matrix's size isn't known before the model runs")
    return _picked(x, diagonal, band, rows, columns)


def _selected(x: Tensor, diagonal: Tensor) -> Tensor:
    rows, columns = size(x, -2), size(x, -1)
    mask = equal(expand(arange(rows), 1), expand(arange(columns), 0))
    if x.rank > 4:  # Select on the GPUs knows 4 dimensions
        flat = _selected(reshape(x, [-1, rows, columns]), reshape(diagonal, [-1, size(diagonal, -1)]))
        return reshape(flat, dims(x))
    if isinstance(rows, int) and isinstance(columns, int):
        return where(mask, expand(diagonal, -1 if rows < columns else -2), x)
    # Whether rows or columns are more only the run knows: the diagonal as a row, drawn out to all columns.
    last = scalar(size(diagonal, -1)) - 1
    return where(mask, expand(gather(diagonal, minimum(arange(columns), last), -1), -2), x)


def _picked(x: Tensor, diagonal: Tensor, band: Band, rows: int, columns: int) -> Tensor:
    places = band.places(rows, columns)
    there = places != NOWHERE
    source = np.arange(rows * columns, dtype=np.int32)
    source[places[there]] = rows * columns + np.arange(places.size, dtype=np.int32).reshape(places.shape)[there]
    both = concat([reshape(x, [-1, rows * columns]), reshape(diagonal, [-1, places.size])], 1)
    return reshape(gather(both, const(source), 1), dims(x))


LOWERING = Lowering(
    name="matrix_set_diag",
    ops=("MatrixSetDiag", "MatrixSetDiagV2", "MatrixSetDiagV3"),
    equation="MatrixSetDiag(x, diagonal) → Select(row = column, diagonal, x)",
    lower=lower,
)
