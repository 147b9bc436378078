"""Asinh(x)  ->  sign(x) · log(|x| + m · √(1 + (n / m)²)),  m, n the larger and the smaller of |x| and 1

The GPU backends compute log(x + √(x² + 1)), which loses everything for large negative x, and overflows beyond 2e19.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, maximum, minimum, unary
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """Eleven plain ops: the root is of a number between 1 and 2."""
    (x,) = node.inputs
    if not x.floating:
        return Declined(reason=f"it is for floats, this is {x.dtype}")
    size = unary("Abs", x)
    larger = maximum(size, 1)
    root = larger * unary("Sqrt", 1 + unary("Square", minimum(size, 1) / larger))
    return unary("Sign", x) * unary("Log", size + root)


LOWERING = Lowering(
    name="asinh",
    ops=("Asinh",),
    equation="Asinh(x) → sign(x) · log(|x| + √(x² + 1)), the root without an overflow",
    lower=lower,
)
