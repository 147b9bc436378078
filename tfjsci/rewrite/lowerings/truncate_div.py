"""Div(x, y), TruncateDiv(x, y) of integers  ->  sign(x) · sign(y) · ⌊|x| / |y|⌋

The runtime's Div of integers rounds towards minus infinity, TensorFlow's towards 0. Where no sign can differ it is FloorDiv.
"""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.build import Tensor, const, floor_div, unary
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """FloorDiv of sizes, and the signs: that of a constant divisor is known."""
    x, y = node.inputs
    if not x.integer:
        return Declined(reason=f"TensorFlow has it for integers only, these are {x.dtype}")
    if x.dtype.startswith("uint"):
        return floor_div(x, y)
    if y.value is None:
        return unary("Sign", x) * unary("Sign", y) * floor_div(unary("Abs", x), unary("Abs", y))
    quotient = unary("Sign", x) * floor_div(unary("Abs", x), const(np.abs(y.value)))
    return quotient if np.all(np.sign(y.value) == 1) else quotient * const(np.sign(y.value))


LOWERING = Lowering(
    name="truncate_div",
    ops=("Div", "TruncateDiv"),
    equation="Div(x, y) of integers → sign(x) · sign(y) · ⌊|x| / |y|⌋",
    lower=lower,
    limits="TruncateDiv of floats, which TensorFlow can't run either",
)
