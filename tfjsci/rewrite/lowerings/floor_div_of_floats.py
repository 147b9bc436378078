"""FloorDiv(x, y) of floats  ->  ⌊x / y⌋

The runtime's own calls its result int32; webgl rounds x and y before it divides.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, unary
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """Floor and RealDiv."""
    x, y = node.inputs
    if not x.floating:
        return Declined(reason=f"it is for floats, these are {x.dtype}")
    return unary("Floor", x / y)


LOWERING = Lowering(
    name="floor_div_of_floats",
    ops=("FloorDiv",),
    equation="FloorDiv(x, y) of floats → ⌊x / y⌋",
    lower=lower,
)
