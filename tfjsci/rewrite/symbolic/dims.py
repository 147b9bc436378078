"""Dimensions as far as they are known, and what several shapes have in common."""

from __future__ import annotations

from collections.abc import Sequence

from tfjsci.rewrite.symbolic import size
from tfjsci.rewrite.symbolic.asked import Dims
from tfjsci.rewrite.symbolic.size import Number

Open = tuple["Number | None", ...]
"""Dimensions as far as they are known."""


def of_values(numbers: Sequence[Number] | None) -> Open | None:
    """The shape that a vector of sizes tells; what may be negative isn't told."""
    if numbers is None:
        return None
    return tuple(n if (least := size.at_least(n)) is not None and least >= 0 else None for n in numbers)


def spread(*shapes: Dims | None) -> Open | None:
    """What they have in common once each is spread over the others."""
    known = [shape for shape in shapes if shape is not None]
    if len(known) < len(shapes):
        return None
    rank = max(map(len, known))
    return tuple(_together(column) for column in zip(*((1,) * (rank - len(s)) + s for s in known), strict=True))


def _together(sizes: Sequence[Number]) -> Number | None:
    if len(sizes) == 2:
        a, b = sizes
        if a is b or b == 1:
            return a
        if a == 1:
            return b
    wide = list(dict.fromkeys(n for n in sizes if n != 1))
    known = [n for n in wide if isinstance(n, int)]
    return 1 if not wide else known[0] if known else wide[0] if len(wide) == 1 else None


def equal(sizes: Sequence[Number]) -> Number:
    """The one size that all of these must be: a number where one of them is."""
    return next((n for n in sizes if isinstance(n, int)), sizes[0])
