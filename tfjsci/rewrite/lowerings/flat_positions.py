"""GatherNd(x, at)  ->  GatherV2(flat x, Sum(at · strides)); ScatterNd and TensorScatterUpdate with one index in the place of many

The GPU backends address 1 to 4 dimensions by index, and can't scatter nothing.
"""

from __future__ import annotations

from tfjsci.rewrite.build import (
    Dim,
    Tensor,
    broadcast_to,
    cast,
    dims,
    filled,
    gather,
    product,
    reduce,
    reshape,
    scatter_nd,
    vector,
    with_updates,
)
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """Mul and Sum make the index; Reshapes the rest."""
    x, at = node.inputs[:2]
    if node.op == "ScatterNd":
        return _scattered(node, x, at)
    depth = at.sizes[-1]
    if depth is None:
        return Declined(reason="the depth of the indices isn't known")
    outer, inner = dims(x)[:depth], dims(x)[depth:]
    if node.op == "GatherNd" and depth == 0:
        many = [*dims(at)[:-1], *inner]
        return broadcast_to(reshape(x, [*[1] * (at.rank - 1), *inner]), many)
    if depth <= 4:
        return Declined(reason="its indices are right already")
    places = _flat(at, outer)
    rows = reshape(x, [product(outer), *inner])
    if node.op == "GatherNd":
        return gather(rows, places)
    updates = reshape(node.inputs[2], [product(dims(at)[:-1]), *inner])
    return reshape(with_updates(rows, reshape(places, [-1, 1]), updates), dims(x))


def _scattered(node: Subject, at: Tensor, updates: Tensor) -> Tensor | Declined:
    shape, depth = node.inputs[2], at.sizes[-1]
    if shape.value is None or depth is None:
        return Declined(reason="the shape isn't constant")
    sizes: list[Dim] = [int(n) for n in shape.value.reshape(-1)]
    if 0 in at.sizes[:-1]:
        return filled(sizes, 0, updates.dtype)
    if depth <= 4:
        return Declined(reason="its indices are right already")
    count = product(dims(at)[:-1])
    added = scatter_nd(
        reshape(_flat(at, sizes[:depth]), [count, 1]),
        reshape(updates, [count, *sizes[depth:]]),
        [product(sizes[:depth]), *sizes[depth:]],
    )
    return reshape(added, sizes)


def _flat(at: Tensor, sizes: list[Dim]) -> Tensor:
    strides = [product(sizes[i + 1 :]) for i in range(len(sizes))]
    return reduce("Sum", cast(at, "int32") * vector(strides), [-1])


LOWERING = Lowering(
    name="flat_positions",
    ops=("GatherNd", "ScatterNd", "TensorScatterUpdate"),
    equation="GatherNd(x, at) → GatherV2(flat x, Sum(at · strides))",
    lower=lower,
    limits="The depth of the indices must be known, and ScatterNd's shape constant.",
)
