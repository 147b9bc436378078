"""ReverseV2(x) of bools  ->  GatherV2(x, [n - 1, …, 0]), an axis at a time

wasm reverses bools as if they were wider, and writes past their end.
"""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.build import Tensor, arange, const, gather, size
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """One GatherV2 an axis."""
    x, given = node.inputs
    if x.dtype != "bool":
        return Declined(reason=f"it is for bools, these are {x.dtype}")
    if given.value is None:
        return Declined(reason="the axes aren't constant")
    flat = given.value.reshape(-1)
    axes = np.flatnonzero(flat) if given.dtype == "bool" else sorted({int(axis) % x.rank for axis in flat})
    for axis in axes:
        count = size(x, int(axis))
        back = const(np.arange(count)[::-1].astype(np.int32)) if isinstance(count, int) else count - 1 - arange(count)
        x = gather(x, back, int(axis))
    return x


LOWERING = Lowering(
    name="reverse_bools",
    ops=("Reverse", "ReverseV2"),
    equation="ReverseV2(x) of bools → GatherV2(x, [n − 1, …, 0])",
    lower=lower,
    limits="The axes must be constant.",
)
