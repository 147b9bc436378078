"""Maximum(c, x)  ->  Maximum(x, c), where c is a constant without NaN;   Minimum alike

wasm gives the first operand unless the second is larger, so that a NaN of the second is lost.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, maximum, minimum
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """The operands in the other order."""
    first, second = node.inputs
    held = node.value(0)
    if not second.floating:
        return Declined(reason="integers are never NaN")
    if held is None or (held != held).any():
        return Declined(reason="its first operand isn't a constant without NaN")
    if node.value(1) is not None:
        return Declined(reason="its second operand is a constant, too")
    return (maximum if node.op == "Maximum" else minimum)(second, first)


LOWERING = Lowering(
    name="nan_first",
    ops=("Maximum", "Minimum"),
    equation="Maximum(c, x) → Maximum(x, c); Minimum likewise",
    lower=lower,
    limits="c must be constant: of two tensors that the run computes, wasm loses a NaN of the second",
    always="wasm loses a NaN of the second operand",
)
