"""Cumsum(x, axis)  ->  Reshape(Cumsum(Reshape(x, [before, axis, behind]), 1));   Cumprod alike

above four dimensions, which is all that the GPU backends scan.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, dims, reshape, running
from tfjsci.rewrite.formulas.fewer_dimensions import rows_around, whole_axes
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

LIMIT = 4


def lower(node: Subject) -> Tensor | Declined:
    """The scan of three dimensions between Reshapes."""
    x = node.inputs[0]
    if x.rank <= LIMIT:
        return Declined(reason=f"{LIMIT} dimensions aren't too many")
    axes = whole_axes(node, 1, x.rank)
    if axes is None:
        return Declined(reason="the axis isn't constant")
    flags = {"exclusive": node.flag("exclusive", False), "reverse": node.flag("reverse", False)}
    return reshape(running(node.op, rows_around(x, axes[0]), 1, **flags), dims(x))


LOWERING = Lowering(
    name="rank_of_scan",
    ops=("Cumprod", "Cumsum"),
    equation="Cumsum(x, axis) of more than 4 dimensions → Reshape(Cumsum(Reshape(x, [before, axis, behind]), 1))",
    lower=lower,
)
