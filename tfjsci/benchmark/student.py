"""Student's t distribution for whole degrees of freedom: exact finite sums, so that no SciPy is needed for one number.

Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4.
"""

from __future__ import annotations

import math


def t_inside(t: float, *, freedom: int) -> float:
    """The probability that a t value of ``freedom`` degrees lies between -t and t, for t ≥ 0."""
    angle = math.atan(t / math.sqrt(freedom))
    cos_squared = math.cos(angle) ** 2
    odd = freedom % 2
    term = total = 0.0
    if freedom > 1:
        term = total = math.cos(angle) if odd else 1.0
    for k in range(3 if odd else 2, freedom - 1, 2):
        term *= cos_squared * (k - 1) / k
        total += term
    partial = math.sin(angle) * total
    return 2 / math.pi * (angle + partial) if odd else partial


def t_quantile(share: float, *, freedom: int) -> float:
    """The value below which a t value lies with probability ``share``, 0.5 ≤ share < 1.

    Found by halving, to the last bits. Raises ``ValueError`` for another ``share`` or less than one degree of freedom.
    """
    if not 0.5 <= share < 1 or freedom < 1:
        raise ValueError(f"no quantile {share} with {freedom} degrees of freedom")
    inside = 2 * share - 1
    low, high = 0.0, 1.0
    while t_inside(high, freedom=freedom) < inside:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if t_inside(middle, freedom=freedom) < inside else (low, middle)
    return high
