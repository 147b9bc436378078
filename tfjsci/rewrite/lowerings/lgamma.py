"""Lgamma(x)  ->  (x + ½) log(x + 5.5) - (x + 5.5) + log(√(2π) / x · Σ cᵢ / (x + i)),  Lanczos' approximation

Of negative numbers by reflection: log π - log|sin πx| - Lgamma(1 - x).
"""

from __future__ import annotations

import math

from tfjsci.rewrite.build import Tensor, unary, where
from tfjsci.rewrite.lowering import Lowering, Subject

_SUM = (76.18009172947146, -86.50532032941677, 24.01409824083091, -1.231739572450155, 1.208650973866179e-3)
"""Lanczos' coefficients for g = 5; the next is below a float's precision."""


def lower(node: Subject) -> Tensor:
    """Of x, or of 1 - x where that is positive instead."""
    (x,) = node.inputs
    reflected = x <= 0
    y = where(reflected, 1 - x, x)
    series = sum((c / (y + i) for i, c in enumerate(_SUM, 1)), start=0 * y + 1.000000000190015)
    shifted = y + 5.5
    right = (y + 0.5) * unary("Log", shifted) - shifted + unary("Log", math.sqrt(2 * math.pi) * series / y)
    turns = x - unary("Round", x)  # sin πx up to its sign: of large x nothing else is left
    sine = unary("Abs", unary("Sin", math.pi * turns))
    return where(reflected, math.log(math.pi) - unary("Log", sine) - right, right)


LOWERING = Lowering(
    name="lgamma",
    ops=("Lgamma",),
    equation="Lgamma(x) → Lanczos' approximation; of negative numbers by reflection",
    lower=lower,
    accuracy="2e-6, of the value where that is above 1; at 0, -1, -2 … as infinite as the backend's log of 0",
)
