"""MatrixDiagPart(x)  ->  GatherV2 of each (columns + 1)-th element of the matrix as one row

Other diagonals, and several: by the places of their elements, after a Pad where short ones are filled up.
"""

from __future__ import annotations

import math

from tfjsci.rewrite.build import Dim, Tensor, dims, gather, minimum, product, reshape, scalar, size
from tfjsci.rewrite.formulas.diagonals import band_of, filling_of, picked, steps
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """Flatten, pick."""
    x = node.inputs[0]
    if node.op == "DiagPart":
        half = x.static_sizes[: x.rank // 2]
        n = math.prod(half)
        return reshape(gather(reshape(x, [n * n]), steps(n, n)), half)
    plain = node.op == "MatrixDiagPart"
    band, filling = band_of(node, None if plain else 1), filling_of(node, None if plain else 2)
    if isinstance(band, Declined):
        return band
    if isinstance(filling, Declined):
        return filling
    before, rows, columns = dims(x)[:-2], size(x, -2), size(x, -1)
    flat = reshape(x, [-1, product([rows, columns])])
    if not band.stacked and band.highest == 0:
        count = _smaller(rows, columns)
        return reshape(gather(flat, steps(count, columns), 1), [*before, count])
    if not isinstance(rows, int) or not isinstance(columns, int):
        return Declined(reason="the matrix's size isn't known before the model runs")
    places = band.places(rows, columns)
    shape = places.shape if band.stacked else places.shape[1:]
    return reshape(picked(flat, places, filling), [*before, *shape])


def _smaller(rows: Dim, columns: Dim) -> Dim:
    if isinstance(rows, int) and isinstance(columns, int):
        return min(rows, columns)
    return minimum(scalar(rows), scalar(columns))


LOWERING = Lowering(
    name="matrix_diag_part",
    ops=("DiagPart", "MatrixDiagPart", "MatrixDiagPartV2", "MatrixDiagPartV3"),
    equation="MatrixDiagPart(x) → GatherV2(x as one row, places of the diagonal)",
    lower=lower,
)
