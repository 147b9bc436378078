"""Cholesky(x)  ->  column by column: what is left of it over the root of its diagonal element, its square taken off the rest

Only the lower part of x is read. Where x isn't positive definite comes NaN, where TensorFlow raises an error.
"""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.build import Tensor, along, concat, const, dims, reshape, unary
from tfjsci.rewrite.formulas.elimination import batched, square, unbatched
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """Slice, Sqrt, RealDiv, Mul, and an outer product for each column."""
    x = node.inputs[0]
    n = square(x)
    if isinstance(n, Declined):
        return n
    left = batched(x)
    columns: list[Tensor] = []
    for k in range(n):
        column = along(left, 2, k, 1)
        column = column / unary("Sqrt", along(column, 1, k, 1))
        if k:
            column = column * const((np.arange(n) >= k).astype(x.dtype).reshape(n, 1))
        columns.append(column)
        if k < n - 1:
            left = left - column * reshape(column, [-1, 1, n])
    return unbatched(concat(columns, 2), dims(x)[:-2])


LOWERING = Lowering(
    name="cholesky",
    ops=("Cholesky",),
    equation="Cholesky(x) → column by column",
    lower=lower,
    accuracy="float32; a matrix that isn't positive definite gives NaN",
)
