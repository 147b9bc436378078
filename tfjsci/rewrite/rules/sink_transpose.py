"""f(Transpose(x, p), …)  ->  Transpose(f(x, …), p)

where f is an op that works element by element, pads, joins, cuts or reduces: transposes of a chain of channels-first layers meet
behind it. Never more of them afterwards than before: one is put behind f where at least one before it is read by f alone, and
none where f takes away the dimensions that moved. The result must be floats, which alone every backend transposes.
"""

from __future__ import annotations

from tfjsci.graph.graph import DType
from tfjsci.rewrite.new_integers import new_integers
from tfjsci.rewrite.pattern import Match, any_tensor, op
from tfjsci.rewrite.permuted import MOVES, Before, is_still, order_above, order_behind
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule

FLOATS = ("float16", "float32", "float64")


def rewrite(match: Match) -> Replacement | Declined:
    """f before one Transpose, or without any."""
    graph, root = match.graph, match.root
    order = order_behind(graph, root, order_above(graph, root))
    if order is None:
        return Declined(reason="nothing that it reads is transposed", moot=True)
    before = Before(graph)
    made = before.remade(root, order)
    if made is None or not before.transposes:
        return Declined(reason="not every operand can be had in the order before the transpose")
    if not before.closed(root.name):
        return Declined(reason="what lies between is read by others, too")
    if is_still(order):
        return Replacement(root=made)
    known = graph.type_of(root.name)
    if known is None or known.dtype not in FLOATS:
        return Declined(reason="its result isn't known to be floats")
    if not before.alone(root.name):
        return Declined(reason="the transpose is read by others, too: there would be one more")
    permutation = new_integers(order)
    attrs = {"T": DType(known.dtype), "Tperm": DType("int32")}
    return Replacement(root=NewNode(name=root.name, op="Transpose", inputs=(made, permutation), attrs=attrs))


RULE = Rule(
    name="sink_transpose",
    equation="f(Transpose(x, p)) -> Transpose(f(x), p)",
    pattern=op("|".join(sorted(MOVES.keys() - {"ExpandDims"})), any_tensor("x"), name="root"),
    rewrite=rewrite,
    where="there won't be more of them",
)
