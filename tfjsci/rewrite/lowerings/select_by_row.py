"""Select(c [n], x [n, …], y)  ->  SelectV2(c [n, 1, …], x, y)

A condition of one dimension is about rows; the runtime spreads it along the last dimension.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Dim, Tensor, reshape, size, where
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """Reshape and SelectV2."""
    condition, x, y = node.inputs
    if condition.rank != 1 or x.rank < 2:
        return Declined(reason="the condition isn't one value a row")
    column: list[Dim] = [size(condition, 0), *[1] * (x.rank - 1)]
    return where(reshape(condition, column), x, y)


LOWERING = Lowering(
    name="select_by_row",
    ops=("Select",),
    equation="Select(c [n], x [n, …], y) → SelectV2(c [n, 1, …], x, y)",
    lower=lower,
)
