"""TensorScatterMax(x, at, u)  ->  TensorScatterUpdate(x, at, Maximum(GatherNd(x, at), u)), and Min

of one row a place. Updates that may be of the same place look at one another first: the first of them gets the largest, the
others go to a row behind the last one, which is cut off.
"""

from __future__ import annotations

import math

import numpy as np

from tfjsci.rewrite.build import (
    Dim,
    Tensor,
    along,
    arange,
    binary,
    cast,
    concat,
    const,
    dims,
    equal,
    filled,
    gather,
    product,
    reduce,
    reshape,
    transpose,
    vector,
    where,
    with_updates,
)
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

LARGEST = 1 << 26
"""Numbers that may be looked at once: 256 MiB of floats."""


def lower(node: Subject) -> Tensor | Declined:
    """GatherV2, Maximum and TensorScatterUpdate; before them a maximum over the updates of one place."""
    x, at, updates = node.inputs
    if not (x.floating or x.integer):
        return Declined(reason=f"it is for floats and integers, this is {x.dtype}")
    depth = at.sizes[-1]
    if depth is None or depth == 0:
        return Declined(reason="the depth of the indices isn't known" if depth is None else "it has no indices")
    if 0 in at.sizes:
        return x
    outer, count, inner = dims(x)[:depth], product(dims(at)[:-1]), product(dims(x)[depth:])
    rows, new = reshape(x, [product(outer), inner]), reshape(updates, [count, inner])
    places = _flat(at, outer)
    best = "Maximum" if node.op.endswith("Max") else "Minimum"
    if _differ(at):
        return reshape(_updated(rows, places, binary(best, gather(rows, places), new)), dims(x))
    if isinstance(count, int) and isinstance(inner, int) and count * count * inner > LARGEST:
        return Declined(reason=f"{count} updates that may be of one place are too many")
    same = equal(reshape(places, [count, 1]), reshape(places, [1, count]))
    new = binary(best, gather(rows, places), _best_of_each(node.op[-3:], same, new, count, inner))
    first = equal(reduce("Min", where(same, arange(count), _BEYOND), [-1]), arange(count))
    more = concat([rows, filled([1, inner], 0, x.dtype)], 0)
    target = where(first, places, product(outer))
    return reshape(along(_updated(more, target, new), 0, 0, product(outer)), dims(x))


_BEYOND = 1 << 24
"""More than any place among the updates, and a number that floats hold."""


def _flat(at: Tensor, sizes: list[Dim]) -> Tensor:
    """One number for each place."""
    if at.value is not None and all(isinstance(n, int) for n in sizes):
        strides = [math.prod(n for n in sizes[i + 1 :] if isinstance(n, int)) for i in range(len(sizes))]
        return const((at.value * np.array(strides)).sum(-1).reshape(-1).astype(np.int32))
    steps = vector([product(sizes[i + 1 :]) for i in range(len(sizes))])
    return reshape(reduce("Sum", cast(at, "int32") * steps, [-1]), [-1])


def _differ(at: Tensor) -> bool:
    if at.value is None:
        return False
    rows = at.value.reshape(-1, at.value.shape[-1])
    return len(np.unique(rows, axis=0)) == len(rows)


def _updated(rows: Tensor, places: Tensor, new: Tensor) -> Tensor:
    return with_updates(rows, reshape(places, [-1, 1]), new)


def _best_of_each(op: str, same: Tensor, updates: Tensor, count: Dim, inner: Dim) -> Tensor:
    """For each update the best of those of its place, [count, inner]."""
    others = reshape(transpose(updates, [1, 0]), [1, inner, count])
    info = (
        np.finfo(updates.dtype)
        if updates.floating
        else np.iinfo("int32" if updates.dtype == "int64" else updates.dtype)
    )
    none = const(info.min if op == "Max" else info.max, updates.dtype)
    return reduce(op, where(reshape(same, [count, 1, count]), others, none), [-1])


LOWERING = Lowering(
    name="tensor_scatter_extremes",
    ops=("TensorScatterMax", "TensorScatterMin"),
    equation="TensorScatterMax(x, at, u) → TensorScatterUpdate(x, at, Maximum(GatherNd(x, at), u))",
    lower=lower,
    limits="The depth of the indices must be known; at most 2²⁶ numbers are compared at once.",
    accuracy="webgl knows no maximum below -1e20",
)
