"""Digamma(x)  ->  log z - 1/2z - 1/12z² + 1/120z⁴ - 1/252z⁶ - Σ 1/(x + k),  z = x + 6, k = 0 … 5

Of negative numbers by reflection: Digamma(1 - x) - π / tan πx.
"""

from __future__ import annotations

import math

from tfjsci.rewrite.build import Tensor, polynomial, unary, where
from tfjsci.rewrite.lowering import Lowering, Subject

_STEPS = 6


def lower(node: Subject) -> Tensor:
    """Of x, or of 1 - x where that is positive instead."""
    (x,) = node.inputs
    reflected = x <= 0
    y = where(reflected, 1 - x, x)
    inverse = 1 / (y + _STEPS)
    square = unary("Square", inverse)
    tail = inverse * 0.5 + square * polynomial(square, (1 / 12, -1 / 120, 1 / 252))
    passed = sum((1 / (y + k) for k in range(1, _STEPS)), start=1 / y)
    right = unary("Log", y + _STEPS) - tail - passed
    turns = x - unary("Round", x)  # tan πx repeats at every whole number
    return where(reflected, right - math.pi / unary("Tan", math.pi * turns), right)


LOWERING = Lowering(
    name="digamma",
    ops=("Digamma",),
    equation="Digamma(x) → its asymptotic series at x + 6, less Σ 1/(x + k); of negative numbers by reflection",
    lower=lower,
    accuracy="2e-6, of the value where that is above 1; at 0, -1, -2 … infinite instead of NaN",
)
