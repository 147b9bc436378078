"""Minimum(a, Maximum(b, x))  ->  a, where a ≤ b; Maximum(a, Minimum(b, x))  ->  a, where a ≥ b

Keras tells its counts how many there are by two bounds that are the same.
"""

from __future__ import annotations

from tfjsci.graph.graph import Constant, DType, dtype_name
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule


def rewrite(match: Match) -> Replacement | Declined:
    """The outer bound, whatever x is."""
    outer, inner = match.value("outer").value, match.value("inner").value
    known = match.graph.type_of(match.tensors["x"])
    if outer.dtype.kind not in "iu":
        return Declined(reason="a float may be NaN")
    if known is None or known.shape != () or outer.ndim or inner.ndim:
        return Declined(reason="they aren't single numbers")
    above = int(outer) - int(inner)
    if above > 0 if match.root.op == "Minimum" else above < 0:
        return Declined(reason="x may lie between the bounds")
    made = NewConst(name="", constant=Constant(value=outer))
    return Replacement(
        root=NewNode(name=match.root.name, op="Identity", inputs=(made,), attrs={"T": DType(dtype_name(outer))})
    )


def _rule(name: str, outer: str, inner: str, equation: str) -> Rule:
    within = op(inner, constant("inner"), any_tensor("x"), name="within", either_order=True)
    return Rule(
        name=name,
        equation=equation,
        pattern=op(outer, constant("outer"), within, name="bounded", either_order=True),
        rewrite=rewrite,
        where="of whole numbers",
    )


RULES = (
    _rule("settled_minimum", "Minimum", "Maximum", "Minimum(a, Maximum(b, x)) -> a, where a ≤ b"),
    _rule("settled_maximum", "Maximum", "Minimum", "Maximum(a, Minimum(b, x)) -> a, where a ≥ b"),
)
