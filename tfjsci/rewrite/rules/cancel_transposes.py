"""Transpose(f(Transpose(x, p), …), p⁻¹)  ->  f(x, …)

where f are ops that work element by element, pad, join, cut or reduce, and each way up from the outer Transpose ends at one
that it undoes or at a constant (which is transposed instead). Nobody else may read anything of f; the inner Transposes may
have other readers, and stay for them: the outer one is gone in any case.
"""

from __future__ import annotations

from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.permuted import Before, inverse, order_of
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule


def rewrite(match: Match) -> Replacement | Declined:
    """f on what its inputs are before."""
    root = match.root
    order = order_of(match.graph, root)
    assert order is not None
    before = Before(match.graph)
    made = before.of(root.inputs[0], inverse(order))
    if not isinstance(made, NewNode) or not before.transposes:
        return Declined(reason="not every way up from it ends at a transpose that it undoes")
    if not before.closed(root.name):
        return Declined(reason="what lies between is read by others, too")
    return Replacement(root=made)


RULE = Rule(
    name="cancel_transposes",
    equation="Transpose(f(Transpose(x, p)), p⁻¹) -> f(x)",
    pattern=op("Transpose", any_tensor("x"), constant("order"), name="transpose"),
    rewrite=rewrite,
    where="f works element by element, pads, joins, cuts or reduces",
)
