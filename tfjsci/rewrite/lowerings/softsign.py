"""Softsign(x)  ->  x / (1 + |x|)"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, unary
from tfjsci.rewrite.lowering import Lowering, Subject


def lower(node: Subject) -> Tensor:
    """RealDiv, AddV2 and Abs."""
    (x,) = node.inputs
    return x / (1 + unary("Abs", x))


LOWERING = Lowering(name="softsign", ops=("Softsign",), equation="Softsign(x) → x / (1 + |x|)", lower=lower)
