"""Unpack(Transpose(x, p), i)  ->  Unpack(x, p(i)), and Transpose(Pack(…, i), p)  ->  Pack(…, j)

where p moves just the dimension of the parts: a sequence is turned to have its steps first and turned back afterwards.
"""

from __future__ import annotations

from tfjsci.catalog.node_view import NodeView
from tfjsci.graph.graph import node_of
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.permuted import order_of
from tfjsci.rewrite.rule import Declined, NewNode, NewOutput, Replacement, Rule, kept


def rewrite_unpack(match: Match) -> Replacement | Declined:
    """The Unpack of what is transposed, along the dimension that was moved."""
    graph, unpack = match.graph, match.root
    above = graph[node_of(unpack.inputs[0])]
    order = order_of(graph, above)
    count = NodeView(graph, unpack).number("num", 0)
    if order is None or count < 1:
        return Declined(reason="what it takes apart isn't transposed", moot=True)
    axis = NodeView(graph, unpack).number("axis", 0) % len(order)
    rest = [*order[:axis], *order[axis + 1 :]]
    if rest != sorted(rest):
        return Declined(reason="the transpose moves dimensions of the parts, too")
    root = NewNode(name=unpack.name, op="Unpack", inputs=above.inputs[:1], attrs={**kept(unpack), "axis": order[axis]})
    return Replacement(root=root, others=tuple(NewOutput(node=root, index=i) for i in range(1, count)))


def rewrite_pack(match: Match) -> Replacement | Declined:
    """The Pack, with its new dimension where the transpose would have moved it."""
    graph, root, pack = match.graph, match.root, match.nodes["pack"]
    order = order_of(graph, root)
    assert order is not None
    axis = NodeView(graph, pack).number("axis", 0) % len(order)
    rest = [n for n in order if n != axis]
    if rest != sorted(rest):
        return Declined(reason="the transpose moves dimensions of the parts, too")
    return Replacement(
        root=NewNode(name=root.name, op="Pack", inputs=pack.inputs, attrs={**kept(pack), "axis": order.index(axis)})
    )


RULES = (
    Rule(
        name="axis_of_parts",
        equation="Unpack(Transpose(x, p), i) -> Unpack(x, p(i))",
        pattern=op("Unpack", any_tensor("x"), name="unpack"),
        rewrite=rewrite_unpack,
        where="p moves just the dimension of the parts",
        all_outputs=True,
    ),
    Rule(
        name="axis_of_joined_parts",
        equation="Transpose(Pack(parts, i), p) -> Pack(parts, j)",
        pattern=op("Transpose", op("Pack", name="pack"), constant("order"), name="transpose"),
        rewrite=rewrite_pack,
        where="p moves just the dimension of the parts",
    ),
)
