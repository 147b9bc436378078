"""ExpandDims(Squeeze(x, d), d)  ->  x

between the convolutions of a sequence. The Squeeze may have other readers: it stays for them.
"""

from __future__ import annotations

from tfjsci.graph.graph import node_of
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.permuted import passed_on
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule


def rewrite(match: Match) -> Replacement | Declined:
    """An Identity, which falls away."""
    graph, root = match.graph, match.root
    above = graph[node_of(passed_on(graph, match.tensors["x"]))]
    known, gone = graph.type_of(root.name), above.attrs.get("squeeze_dims")
    if above.op != "Squeeze" or not isinstance(gone, tuple) or len(gone) != 1 or not isinstance(gone[0], int):
        return Declined(reason="what gets a dimension hasn't just lost one", moot=True)
    if known is None or known.shape is None:
        return Declined(reason="the rank isn't known")
    rank = len(known.shape)
    if gone[0] % rank != int(match.value("axis").value.reshape(-1)[0]) % rank:
        return Declined(reason="it is another dimension than the one that was lost")
    return Replacement(
        root=NewNode(name=root.name, op="Identity", inputs=(above.inputs[0],), attrs={"T": root.attrs["T"]})
    )


RULE = Rule(
    name="expand_squeezed",
    equation="ExpandDims(Squeeze(x, d), d) -> x",
    pattern=op("ExpandDims", any_tensor("x"), constant("axis"), name="expand"),
    rewrite=rewrite,
)
