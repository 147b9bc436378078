"""Rint(x)  ->  Round(x)

The runtime's Round takes halves to the even neighbour on every backend, as Rint does.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, unary
from tfjsci.rewrite.lowering import Lowering, Subject


def lower(node: Subject) -> Tensor:
    """Round."""
    (x,) = node.inputs
    return unary("Round", x)


LOWERING = Lowering(name="rint", ops=("Rint",), equation="Rint(x) → Round(x)", lower=lower)
