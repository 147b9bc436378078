"""Mod(x, y), TruncateMod(x, y)  ->  sign(x) · FloorMod(|x|, |y|)

What is left has the sign of the dividend, as % has in C; the runtime's Mod gives it the divisor's.
"""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.build import Tensor, const, floor_mod, unary
from tfjsci.rewrite.lowering import Lowering, Subject


def lower(node: Subject) -> Tensor:
    """FloorMod of sizes, and a sign."""
    x, y = node.inputs
    size = unary("Abs", y) if y.value is None else const(np.abs(y.value))
    return unary("Sign", x) * floor_mod(unary("Abs", x), size)


LOWERING = Lowering(
    name="truncate_mod",
    ops=("Mod", "TruncateMod"),
    equation="Mod(x, y) → sign(x) · FloorMod(|x|, |y|)",
    lower=lower,
)
