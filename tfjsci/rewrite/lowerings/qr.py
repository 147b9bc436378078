"""Qr(x)  ->  Householder's reflections, one for each column, of [x | 1]: R on the left, the transpose of Q on the right

A reflection sends the column to -sign(its diagonal element) · its length, as LAPACK's and Eigen's do; a column with nothing
below the diagonal stays.
"""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.build import (
    Tensor,
    along,
    cast,
    concat,
    const,
    dims,
    equal,
    matmul,
    reduce,
    reshape,
    transpose,
    unary,
)
from tfjsci.rewrite.formulas.elimination import MOST, batched, unbatched
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> tuple[Tensor, ...] | Declined:
    """Q and R, in the sizes that ``full_matrices`` asks for."""
    x = node.inputs[0]
    rows, columns = x.sizes[-2:]
    if not x.floating:
        return Declined(reason=f"it is of {x.dtype}")
    if rows is None or columns is None:
        return Declined(reason="the matrix's size isn't known before the model runs")
    count = min(rows, columns)
    if count > MOST or not count:
        return Declined(reason=f"a matrix of {rows} × {columns} would take {count} steps: at most {MOST}")
    a = batched(x)
    corner = along(a, 2, 0, 1)
    whole = concat([a, corner * 0 + const(np.eye(rows, dtype=x.dtype))], 2)
    for k in range(min(count, rows - 1)):  # the last row of a square has nothing below it
        whole = _reflected(whole, k, rows)
    kept = rows if node.flag("full_matrices", False) else count
    upper = const(np.triu(np.ones((rows, columns), x.dtype)))
    r = along(along(whole, 2, 0, columns) * upper, 1, 0, kept)
    q = transpose(along(along(whole, 2, columns, rows), 1, 0, kept), [0, 2, 1])
    before = dims(x)[:-2]
    return unbatched(q, before), unbatched(r, before)


def _reflected(whole: Tensor, k: int, rows: int) -> Tensor:
    """whole - w · (wᵀ · whole) / s, with w = column - beta · e_k and s = beta · (beta - diagonal element)."""
    column = along(whole, 2, k, 1)
    below = column * const((np.arange(rows) > k).astype(whole.dtype).reshape(rows, 1))
    element = along(column, 1, k, 1)
    tail = reduce("Sum", below * below, [1], keep=True)
    length = unary("Sqrt", element * element + tail)
    towards = 1 - 2 * cast(element >= 0, whole.dtype)  # Sign is 0 for 0
    nothing = cast(equal(tail, 0), whole.dtype)
    moved = (element - towards * length) * (1 - nothing)
    w = below + moved * const((np.arange(rows) == k).astype(whole.dtype).reshape(rows, 1))
    s = length * (length + unary("Abs", element)) + nothing  # nothing to reflect: w is 0, and so is what is divided
    return whole - w * (matmul(reshape(w, [-1, 1, rows]), whole) / s)


LOWERING = Lowering(
    name="qr",
    ops=("Qr",),
    equation="Qr(x) → Householder’s reflections, one for each column",
    lower=lower,
    accuracy="float32",
)
