"""Roll(x, shift, axis)  ->  GatherV2(x, (i - shift) mod n, axis), for each axis

A window that slides round, as in Swin transformers. The positions are a weight where size and shift are known before the
model runs.
"""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.build import Dim, Tensor, arange, cast, const, floor_mod, gather, reshape, scalar, size
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """One GatherV2 an axis; axes that are named twice roll by the sum of their shifts."""
    x, shift, given = node.inputs
    if given.value is None:
        return Declined(reason="the axes aren't constant")
    axes = [int(axis) % x.rank for axis in given.value.reshape(-1)]
    shifts: dict[int, Dim] = {}
    for i, axis in enumerate(axes):
        own = _element(shift, i)
        before = shifts.get(axis)
        shifts[axis] = own if before is None else before + own
    for axis, by in shifts.items():
        x = _rolled(x, axis, by)
    return x


def _element(shift: Tensor, index: int) -> Dim:
    if shift.value is not None:
        return int(shift.value.reshape(-1)[index])
    return gather(reshape(cast(shift, "int32"), [-1]), const(index))


def _rolled(x: Tensor, axis: int, by: Dim) -> Tensor:
    count = size(x, axis)
    if isinstance(count, int) and isinstance(by, int):
        if count == 0 or by % count == 0:
            return x
        return gather(x, const(((np.arange(count) - by) % count).astype(np.int32)), axis)
    return gather(x, floor_mod(arange(count) - by, scalar(count)), axis)


LOWERING = Lowering(
    name="roll",
    ops=("Roll",),
    equation="Roll(x, shift, axis) → GatherV2(x, (i − shift) mod n, axis)",
    lower=lower,
    limits="The axes must be constant.",
)
