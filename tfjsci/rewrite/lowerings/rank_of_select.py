"""SelectV2(c, x, y)  ->  Reshape(SelectV2(Reshape(c), Reshape(x), Reshape(y)))

above four dimensions, which is all that the GPU backends select in. Neighbouring dimensions along which the same of the
three are spread are one.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, where
from tfjsci.rewrite.formulas.fewer_dimensions import spread_over
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

LIMIT = 4


def lower(node: Subject) -> Tensor | Declined:
    """Reshapes around SelectV2."""
    condition, x, y = node.inputs
    if max(each.rank for each in node.inputs) <= LIMIT:
        return Declined(reason=f"{LIMIT} dimensions aren't too many")
    if node.op == "Select" and condition.rank == 1 and x.rank > 1:
        return Declined(reason="its condition is one value a row")
    return spread_over((condition, x, y), LIMIT, lambda flat: where(*flat))


LOWERING = Lowering(
    name="rank_of_select",
    ops=("Select", "SelectV2"),
    equation="SelectV2(c, x, y) of more than 4 dimensions → Reshape(SelectV2(Reshape(c), Reshape(x), Reshape(y)))",
    lower=lower,
)
