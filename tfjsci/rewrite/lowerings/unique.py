"""Unique(x)  ->  y = GatherV2(x, Where(first = i)), index = GatherV2(Cumsum(first = i) - 1, first)

where first is the first place of an equal number: each number looks at every other one. webgpu has no kernel for it, and no other
one whose output's size the values tell but Where.
"""

from __future__ import annotations

import math

from tfjsci.rewrite.build import (
    Dim,
    Tensor,
    arange,
    cast,
    dims,
    equal,
    gather,
    minimum,
    move,
    positions,
    product,
    reduce,
    reshape,
    running,
    size,
    where,
)
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

LARGEST = 1 << 24
"""Comparisons: 4096 numbers with one another."""

_BEYOND = 1 << 24
"""More than any place, and a number that floats hold."""


def lower(node: Subject) -> tuple[Tensor, ...] | Declined:
    """Equal, SelectV2 and Min; Where, Cumsum and two GatherV2."""
    x = node.inputs[0]
    if not (x.floating or x.integer or x.dtype == "bool"):
        return Declined(reason=f"it compares numbers, these are {x.dtype}")
    axis = _axis(node)
    if axis is None:
        return Declined(reason="the axis isn't constant")
    count = size(x, axis)
    if count == 0:
        return Declined(reason="it is of no numbers")
    rows = reshape(move(x, axis, 0), [count, product([n for i, n in enumerate(dims(x)) if i != axis])])
    if all(n is not None for n in rows.sizes) and math.prod(rows.static_sizes) * rows.static_sizes[0] > LARGEST:
        return Declined(reason=f"{rows.static_sizes[0]} rows are too many to compare with one another")
    numbers = arange(count)
    first = minimum(reduce("Min", where(_alike(rows, count), numbers, _BEYOND), [-1]), numbers)  # NaN is like nothing
    new = equal(first, numbers)
    values = gather(x, reshape(cast(positions(new), "int32"), [-1]), axis)
    order = running("Cumsum", cast(new, "int32"), 0) - 1
    return values, cast(gather(order, first), node.dtype_attr("out_idx") or "int32")


def _axis(node: Subject) -> int | None:
    if node.op == "Unique":
        return 0
    given = node.value(1)
    if given is None:
        return None
    return int(given.reshape(-1)[0]) % node.inputs[0].rank if given.size else 0


def _alike(rows: Tensor, count: Dim) -> Tensor:
    """Which rows are equal: bool [n, n]."""
    inner = size(rows, 1)
    if inner == 1:
        return equal(rows, reshape(rows, [1, count]))
    return reduce("All", equal(reshape(rows, [count, 1, inner]), reshape(rows, [1, count, inner])), [-1])


LOWERING = Lowering(
    name="unique",
    ops=("Unique", "UniqueV2"),
    equation="Unique(x) → GatherV2(x, Where(first = i)), GatherV2(Cumsum(first = i) − 1, first)",
    lower=lower,
    limits="At most 4096 numbers, which aren't strings; the axis must be constant.",
)
