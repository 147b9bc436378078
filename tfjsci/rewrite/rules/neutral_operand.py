"""x · 1, x / 1, x + 0, x − 0, x and true, x or false  ->  x

where the result has x's shape: a constant of more dimensions, or of sizes that x is spread over, does something. All of it is
exact, NaN and infinity too; only x + 0 makes 0 of −0, which are equal. A bias of zeros stays: a net that was never trained
has it, and is to be converted like any other.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import DType
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule
from tfjsci.rewrite.symbolic.sizes import sizes_of

NEUTRAL = {
    "Add": 0, "AddV2": 0, "BiasAdd": 0, "LogicalAnd": 1, "LogicalOr": 0, "Mul": 1, "RealDiv": 1, "Sub": 0,
}  # fmt: skip
"""By op the second operand that changes nothing."""

EITHER = "Add|AddV2|LogicalAnd|LogicalOr|Mul"
SECOND = "BiasAdd|RealDiv|Sub"


def rewrite(match: Match) -> Replacement | Declined:
    """An Identity, which falls away."""
    root, wanted = match.root, NEUTRAL[match.root.op]
    if match.value("c").sources:
        return Declined(reason="it is a weight, which training would have changed", moot=True)
    if np.any(match.value("c").value != wanted):
        return Declined(reason=f"the constant isn't {wanted}", moot=True)
    sizes = sizes_of(match.graph)
    before, after = sizes.shape(match.tensors["x"]), sizes.shape(root.name)
    known = match.graph.type_of(root.name)
    if known is None or before is None or before != after:
        return Declined(reason="the result isn't known to have the shape of the operand")
    attrs = {"T": DType(known.dtype)}
    return Replacement(root=NewNode(name="", op="Identity", inputs=(match.tensors["x"],), attrs=attrs))


def _rule(name: str, ops: str, equation: str, *, either_order: bool) -> Rule:
    return Rule(
        name=name,
        equation=equation,
        pattern=op(ops, any_tensor("x"), constant("c"), name="f", either_order=either_order),
        rewrite=rewrite,
        where="the result has x's shape",
    )


RULE = _rule("neutral_operand", EITHER, "x · 1, x + 0, x and true, x or false -> x", either_order=True)
SECOND_RULE = _rule("neutral_operand_second", SECOND, "x / 1, x − 0 -> x", either_order=False)

RULES = (RULE, SECOND_RULE)
