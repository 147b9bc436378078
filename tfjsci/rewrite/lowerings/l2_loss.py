"""L2Loss(x)  ->  Sum(x²) / 2"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, reduce, unary
from tfjsci.rewrite.lowering import Lowering, Subject


def lower(node: Subject) -> Tensor:
    """Mul, Sum and Square."""
    (x,) = node.inputs
    return reduce("Sum", unary("Square", x)) * 0.5


LOWERING = Lowering(name="l2_loss", ops=("L2Loss",), equation="L2Loss(x) → Sum(x²) / 2", lower=lower)
