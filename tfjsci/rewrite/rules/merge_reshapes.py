"""Reshape(Reshape(x, s), t)  ->  Reshape(x, t), and a Reshape to the shape that is there already goes"""

from __future__ import annotations

from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule, kept


def rewrite(match: Match) -> Replacement:
    """Whatever was between: the elements keep their order."""
    inputs = (match.tensors["x"], match.tensors["shape"])
    return Replacement(root=NewNode(name=match.root.name, op="Reshape", inputs=inputs, attrs=kept(match.root)))


def left_out(match: Match) -> Replacement | Declined:
    """An Identity, which falls away."""
    known = match.graph.type_of(match.tensors["x"])
    if known is None or known.shape is None:
        return Declined(reason="the rank isn't known")
    given = [-1 if size is None else size for size in known.shape]
    wanted = match.value("shape").value.tolist()
    if given != wanted or given.count(-1) > 1 or 0 in given:
        return Declined(reason=f"{wanted} isn't known to be the shape before")
    attrs = {"T": match.root.attrs["T"]}
    return Replacement(root=NewNode(name=match.root.name, op="Identity", inputs=(match.tensors["x"],), attrs=attrs))


RULE = Rule(
    name="merge_reshapes",
    equation="Reshape(Reshape(x, s), t) -> Reshape(x, t)",
    pattern=op(
        "Reshape", op("Reshape", any_tensor("x"), any_tensor("first"), name="inner"), any_tensor("shape"), name="outer"
    ),
    rewrite=rewrite,
)
IDLE = Rule(
    name="idle_reshape",
    equation="Reshape(x, shape of x) -> x",
    pattern=op("Reshape", any_tensor("x"), constant("shape"), name="reshape"),
    rewrite=left_out,
)
