"""UnravelIndex(i, sizes)  ->  (i // stride) mod size, for each dimension"""

from __future__ import annotations

import math

from tfjsci.rewrite.build import Tensor, floor_div, floor_mod, stack
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """FloorDiv and FloorMod a dimension, and a Pack."""
    index, sizes = node.inputs
    if sizes.value is None:
        return Declined(reason="the sizes aren't constant")
    known = [int(n) for n in sizes.value.reshape(-1)]
    strides = [math.prod(known[i + 1 :]) for i in range(len(known))]
    return stack([floor_mod(floor_div(index, stride), n) for stride, n in zip(strides, known, strict=True)], 0)


LOWERING = Lowering(
    name="unravel_index",
    ops=("UnravelIndex",),
    equation="UnravelIndex(i, sizes) → Pack((i // stride) mod size)",
    lower=lower,
    limits="The sizes must be constant.",
)
