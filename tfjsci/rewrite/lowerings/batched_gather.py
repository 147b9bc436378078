"""GatherV2(x, i) with batches  ->  GatherV2(x, i + batch · n) without them, on a flat x

wasm mixes batches up. Dimensions between the batch and the axis count as more of it, with the same indices.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, arange, cast, dims, gather, product, reshape
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """Mul, AddV2 and a GatherV2 between Reshapes."""
    x, indices, _ = node.inputs
    batches, axis = node.number("batch_dims", 0), node.number_in(2)
    if batches == 0:
        return Declined(reason="it has no batches")
    if axis is None:
        return Declined(reason="the axis isn't constant")
    batches, axis = batches % indices.rank if batches < 0 else batches, axis % x.rank
    sizes, of_each = dims(x), dims(indices)[batches:]
    outer, between, count, inner = sizes[:batches], sizes[batches:axis], sizes[axis], sizes[axis + 1 :]
    rows, columns = product(outer), product(between)
    start = reshape(arange(product([rows, columns])) * count, [rows, columns, 1])
    at = reshape(cast(indices, "int32"), [rows, 1, product(of_each)]) + start
    picked = gather(reshape(x, [product([rows, columns, count]), *inner]), at)
    return reshape(picked, [*outer, *between, *of_each, *inner])


LOWERING = Lowering(
    name="batched_gather",
    ops=("GatherV2",),
    equation="GatherV2(x, i) with batches → GatherV2(flat x, i + batch · n)",
    lower=lower,
    limits="The axis must be constant.",
)
