"""TensorScatterUpdate(x, at, u)  ->  without the updates that a later one of the same place replaces

where the places are constant: webgl takes the sum of them.
"""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.build import Tensor, const, dims, gather, product, reshape, with_updates
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """A GatherV2 of the updates that stay."""
    x, at, updates = node.inputs
    if at.value is None:
        return Declined(reason="the indices aren't constant")
    rows = at.value.reshape(-1, at.value.shape[-1])
    last = {tuple(row): i for i, row in enumerate(rows.tolist())}
    stay = sorted(last.values())
    if len(stay) == len(rows):
        return Declined(reason="each place has one update")
    flat = reshape(updates, [product(dims(at)[:-1]), *dims(x)[rows.shape[1] :]])
    return with_updates(x, const(rows[stay]), gather(flat, const(np.array(stay, np.int32))))


LOWERING = Lowering(
    name="last_update",
    ops=("TensorScatterUpdate",),
    equation="TensorScatterUpdate(x, at, u) → without updates that are replaced",
    lower=lower,
    limits="The indices must be constant.",
)
