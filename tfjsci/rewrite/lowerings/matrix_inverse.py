"""MatrixInverse(x), MatrixSolve(x, b)  ->  Gauss–Jordan elimination of [x | 1] or [x | b], column by column

with the largest element of each as its pivot. Of a singular matrix come infinities or NaN, where TensorFlow raises an error.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, dims
from tfjsci.rewrite.formulas.elimination import batched, identity_like, solved, square, turned, unbatched
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """All matrices of the batch at once."""
    x = node.inputs[0]
    n = square(x)
    if isinstance(n, Declined):
        return n
    a = batched(turned(x) if node.flag("adjoint", False) else x)
    b = identity_like(a, n) if node.op == "MatrixInverse" else batched(node.inputs[1])
    return unbatched(solved(a, b, n), dims(x)[:-2])


LOWERING = Lowering(
    name="matrix_inverse",
    ops=("MatrixInverse", "MatrixSolve"),
    equation="MatrixSolve(x, b) → Gauss–Jordan elimination of [x | b], with pivots",
    lower=lower,
    accuracy="float32; a singular matrix gives infinities or NaN",
)
