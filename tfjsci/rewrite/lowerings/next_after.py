"""NextAfter(x, y)  ->  x ± φ|x| towards y,  φ = 2⁻²⁴ (1 + 2⁻²³)

A bit more than half the distance to the neighbour, which rounding to nearest takes there (Rump and others, 2009).
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, equal, unary, where
from tfjsci.rewrite.lowering import Lowering, Subject

_PHI = 2.0**-24 * (1 + 2.0**-23)
_LEAST = 2.0**-149


def lower(node: Subject) -> Tensor:
    """The step is added or taken off; x stays where it is y."""
    x, y = node.inputs
    step = unary("Abs", x) * _PHI + _LEAST
    return where(equal(x, y), y, where(y > x, x + step, x - step))


LOWERING = Lowering(
    name="next_after",
    ops=("NextAfter",),
    equation="NextAfter(x, y) → x ± 2⁻²⁴ (1 + 2⁻²³) |x|, towards y",
    lower=lower,
    accuracy="exact for |x| from 1e-30 to 3e38; beyond, the step may be lost",
)
