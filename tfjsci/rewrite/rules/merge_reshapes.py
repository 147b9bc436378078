"""Reshape(Reshape(x, s), t)  ->  Reshape(x, t), and a Reshape to the shape that is there already goes"""

from __future__ import annotations

from tfjsci.graph.graph import node_of
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
        return Declined(reason="the rank isn't known", moot=True)
    wanted = match.value("shape").value.tolist()
    told = [size for size in wanted if size != -1]  # -1 is what is left, where the others are as before
    there = [size for size, n in zip(known.shape, wanted, strict=False) if n != -1]
    if len(known.shape) != len(wanted) or len(told) < len(wanted) - 1 or told != there or 0 in told:
        return Declined(reason=f"{wanted} isn't known to be the shape before", moot=True)
    attrs = {"T": match.root.attrs["T"]}
    return Replacement(root=NewNode(name=match.root.name, op="Identity", inputs=(match.tensors["x"],), attrs=attrs))


def past(match: Match) -> Replacement | Declined:
    """What the inner Reshape reads; it stays for its other readers."""
    inner = match.graph[node_of(match.tensors["y"])]
    if inner.op != "Reshape":
        return Declined(reason="what it reshapes isn't reshaped", moot=True)
    inputs = (inner.inputs[0], match.tensors["t"])
    return Replacement(root=NewNode(name=match.root.name, op="Reshape", inputs=inputs, attrs=kept(match.root)))


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
PAST = Rule(
    name="past_reshape",
    equation="y = Reshape(x, s), Reshape(y, t) -> Reshape(x, t)",
    pattern=op("Reshape", any_tensor("y"), any_tensor("t"), name="outer"),
    rewrite=past,
    where="y is read by others, too",
)

RULES = (RULE, IDLE, PAST)
