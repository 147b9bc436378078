"""MatrixDeterminant(x)  ->  the product of the pivots of Gauss' elimination, with the sign of the rows' order

LogMatrixDeterminant is its sign, and the sum of the pivots' logarithms.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, dims, reduce, reshape, stack, unary
from tfjsci.rewrite.formulas.elimination import batched, eliminated, parity, square
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | tuple[Tensor, ...] | Declined:
    """The whole number or its sign and logarithm."""
    x = node.inputs[0]
    n = square(x)
    if isinstance(n, Declined):
        return n
    done = eliminated(batched(x), n, fully=False)
    sign, pivots = parity(done.chosen), stack(done.pivots, 1)
    before = dims(x)[:-2]
    if node.op == "MatrixDeterminant":
        return reshape(sign * reduce("Prod", pivots, [1]), before)
    signs = sign * reduce("Prod", unary("Sign", pivots), [1])
    logarithms = reduce("Sum", unary("Log", unary("Abs", pivots)), [1])
    return reshape(signs, before), reshape(logarithms, before)


LOWERING = Lowering(
    name="matrix_determinant",
    ops=("MatrixDeterminant", "LogMatrixDeterminant"),
    equation="MatrixDeterminant(x) → ± Prod(pivots of Gauss’ elimination)",
    lower=lower,
    accuracy="float32",
)
