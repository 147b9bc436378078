"""Inv(x)  ->  Reciprocal(x)"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, unary
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """The same op under its newer name."""
    (x,) = node.inputs
    if not x.floating:
        return Declined(reason=f"the runtime's Reciprocal is for floats, this is {x.dtype}")
    return unary("Reciprocal", x)


LOWERING = Lowering(name="inverse", ops=("Inv",), equation="Inv(x) → Reciprocal(x)", lower=lower, limits="integers")
