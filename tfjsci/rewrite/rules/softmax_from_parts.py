"""e / Sum(e), e = Exp(x - Max(x))  ->  Softmax(x)

over the last axis; also e * Reciprocal(Sum(e)). Only where the largest is subtracted: without it the original overflows
where Softmax doesn't, and the two differ.
"""

from __future__ import annotations

from tfjsci.graph.graph import Array
from tfjsci.rewrite.pattern import Match, OpPattern, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule


def rewrite(match: Match) -> Replacement | Declined:
    """One Softmax."""
    known = match.graph.type_of(match.tensors["x"])
    if known is None or known.shape is None or not known.shape:
        return Declined(reason="the rank isn't known")
    if not all(match.nodes[name].attrs.get("keep_dims") for name in ("largest", "sum")):
        return Declined(reason="a reduction drops its dimension")
    axes = [match.value(name).value for name in ("largest_axis", "sum_axis")]
    if not all(_last(axis, len(known.shape)) for axis in axes):
        return Declined(reason="it isn't over the last axis")
    attrs = {"T": match.root.attrs["T"]}
    return Replacement(root=NewNode(name=match.root.name, op="Softmax", inputs=(match.tensors["x"],), attrs=attrs))


def _last(axes: Array, rank: int) -> bool:
    return axes.size == 1 and int(axes.reshape(-1)[0]) in (-1, rank - 1)


LARGEST = op("Max", any_tensor("x"), constant("largest_axis"), name="largest")
EXP = op("Exp", op("Sub", any_tensor("x"), LARGEST, name="below"), name="exp")
SUM = op("Sum", EXP, constant("sum_axis"), name="sum")


def _rule(pattern: OpPattern) -> Rule:
    equation = "e / Sum(e), e = Exp(x - Max(x)) -> Softmax(x)"
    return Rule(
        name="softmax_from_parts", equation=equation, pattern=pattern, rewrite=rewrite, where="over the last axis"
    )


RULES = (
    _rule(op("RealDiv|Div", EXP, SUM, name="softmax")),
    _rule(op("Mul", EXP, op("Reciprocal|Inv", SUM, name="inverse"), name="softmax", either_order=True)),
)
