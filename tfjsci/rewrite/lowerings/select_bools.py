"""SelectV2(c, x, y) of bools  ->  (c ∧ x) ∨ (¬c ∧ y)

wasm writes past the end of a bool tensor; the GPU backends select in at most 4 dimensions, and combine in 6.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, both, either, negated
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """LogicalOr, LogicalAnd and LogicalNot."""
    condition, x, y = node.inputs
    if x.dtype != "bool":
        return Declined(reason=f"it is for bools, these are {x.dtype}")
    if node.op == "Select" and condition.rank == 1 and x.rank > 1:
        return Declined(reason="its condition is one value a row")
    return either(both(condition, x), both(negated(condition), y))


LOWERING = Lowering(
    name="select_bools",
    ops=("Select", "SelectV2"),
    equation="SelectV2(c, x, y) of bools → (c ∧ x) ∨ (¬c ∧ y)",
    lower=lower,
)
