"""Select(true and m, x, y)  ->  Select(m, x, y)

where the condition is spread over ones of the scores' shape, as Keras writes attention's mask: Select spreads it itself, and
it is neither written out for every head nor are there ones to make.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Graph, Node, node_of
from tfjsci.rewrite.pattern import Match, any_tensor, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule, kept
from tfjsci.rewrite.symbolic.dims import spread
from tfjsci.rewrite.symbolic.sizes import sizes_of


def rewrite(match: Match) -> Replacement | Declined:
    """The Select by what there was before it was spread."""
    graph, root, both = match.graph, match.root, match.nodes["both"]
    masks = [other for other, wide in (both.inputs, both.inputs[::-1]) if _true(graph, wide)]
    if not masks:
        return Declined(reason="neither of the two conditions is true everywhere", moot=True)
    sizes = sizes_of(graph)
    made = spread(*(sizes.shape(tensor) for tensor in (masks[0], *root.inputs[1:])))
    if made is None or made != sizes.shape(root.name):
        return Declined(reason="without it, the result isn't known to have the same shape")
    return Replacement(root=NewNode(name=root.name, op=root.op, inputs=(masks[0], *root.inputs[1:]), attrs=kept(root)))


def _true(graph: Graph, tensor: str) -> bool:
    """Whether the tensor is known to be true everywhere."""
    node: Node = graph[node_of(tensor)]
    if node.op in ("Fill", "BroadcastTo"):
        node = graph[node_of(node.inputs[1 if node.op == "Fill" else 0])]
    constant = graph.constant(node.name)
    return constant is not None and bool(np.all(constant.value)) and not constant.sources


RULE = Rule(
    name="select_anded",
    equation="Select(true and m, x, y) -> Select(m, x, y)",
    pattern=op(
        "SelectV2",
        op("LogicalAnd", any_tensor("a"), any_tensor("b"), name="both"),
        any_tensor("x"),
        any_tensor("y"),
        name="select",
    ),
    rewrite=rewrite,
    where="x or y has the result's shape",
)
