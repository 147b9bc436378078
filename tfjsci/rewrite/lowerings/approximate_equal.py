"""ApproximateEqual(x, y, tolerance)  ->  |x - y| ≤ tolerance"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, unary
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """LessEqual, Abs and Sub."""
    x, y = node.inputs
    if not x.floating:
        return Declined(reason=f"it is for floats, these are {x.dtype}")
    tolerance = node.attr("tolerance")
    return unary("Abs", x - y) <= (tolerance if isinstance(tolerance, float) else 1e-5)


LOWERING = Lowering(
    name="approximate_equal",
    ops=("ApproximateEqual",),
    equation="ApproximateEqual(x, y) → |x − y| ≤ tolerance",
    lower=lower,
)
