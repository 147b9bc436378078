"""MatrixTriangularSolve(x, b)  ->  substitution: one row of the result after another, taken off the rows that are left"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, along, concat, dims, expand, gather, reshape
from tfjsci.rewrite.formulas.diagonals import steps
from tfjsci.rewrite.formulas.elimination import batched, square, turned, unbatched
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """Every row by its diagonal element first: then that is 1."""
    x, b = node.inputs
    n = square(x)
    if isinstance(n, Declined):
        return n
    if x.rank != b.rank or any(i != j and None not in (i, j) for i, j in zip(x.sizes[:-2], b.sizes[:-2], strict=True)):
        return Declined(reason="the matrices aren't as many as the right-hand sides")
    lower_part = node.flag("lower", True)
    if node.flag("adjoint", False):
        x, lower_part = turned(x), not lower_part
    a, rest = batched(x), batched(b)
    diagonal = expand(gather(reshape(a, [-1, n * n]), steps(n, n), 1), 2)
    a, rest = a / diagonal, rest / diagonal
    rows: dict[int, Tensor] = {}
    order = range(n) if lower_part else range(n - 1, -1, -1)
    for k in order:
        rows[k] = along(rest, 1, k, 1)
        if len(rows) < n:
            rest = rest - along(a, 2, k, 1) * rows[k]
    return unbatched(concat([rows[k] for k in range(n)], 1), dims(b)[:-2])


LOWERING = Lowering(
    name="matrix_triangular_solve",
    ops=("MatrixTriangularSolve",),
    equation="MatrixTriangularSolve(x, b) → substitution, row by row",
    lower=lower,
    accuracy="float32; a zero on the diagonal gives infinities or NaN",
)
