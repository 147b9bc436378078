"""Erfc(x)  ->  1 - Erf(x)

Keras' exact GELU is x/2 · erfc(-x/√2). For large x, where erfc is tiny, the difference has an absolute error of a float's
precision near 1; GELU multiplies it by x, and it stays far below what the runtime's own Erf (1.5e-7) does.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, unary
from tfjsci.rewrite.lowering import Lowering, Subject


def lower(node: Subject) -> Tensor:
    """Sub and Erf."""
    (x,) = node.inputs
    return 1 - unary("Erf", x)


LOWERING = Lowering(
    name="erfc",
    ops=("Erfc",),
    equation="Erfc(x) → 1 − Erf(x)",
    lower=lower,
    accuracy="absolute error of a float's precision near 1",
)
