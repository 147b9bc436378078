"""Transpose(Transpose(x, p), q)  ->  Transpose(x, p ∘ q), or x where that moves nothing

The inner one may have other readers: it stays for them, and this one reads what comes before it.
"""

from __future__ import annotations

from tfjsci.graph.graph import DType, node_of
from tfjsci.rewrite.new_integers import new_integers
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.permuted import is_still, order_of, passed_on
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule


def rewrite(match: Match) -> Replacement | Declined:
    """One Transpose, or an Identity."""
    graph, root = match.graph, match.root
    outer, above = order_of(graph, root), graph[node_of(passed_on(graph, root.inputs[0]))]
    inner = order_of(graph, above)
    if inner is None:
        return Declined(reason="what it transposes isn't transposed", moot=True)
    assert outer is not None
    both = tuple(inner[axis] for axis in outer)
    dtype = root.attrs["T"]
    if is_still(both):
        return Replacement(root=NewNode(name=root.name, op="Identity", inputs=(above.inputs[0],), attrs={"T": dtype}))
    order = new_integers(both)
    return Replacement(
        root=NewNode(
            name=root.name,
            op="Transpose",
            inputs=(above.inputs[0], order),
            attrs={"T": dtype, "Tperm": DType("int32")},
        )
    )


RULE = Rule(
    name="merge_transposes",
    equation="Transpose(Transpose(x, p), q) -> Transpose(x, p ∘ q)",
    pattern=op("Transpose", any_tensor("x"), constant("order"), name="transpose"),
    rewrite=rewrite,
    where="or x, where that moves nothing",
)
