"""Pack(…, part, …)[i]  ->  part

A recurrent layer that gives its last output stacks what there is, and takes the last of it.
"""

from __future__ import annotations

from tfjsci.catalog.node_view import NodeView
from tfjsci.graph.graph import node_of
from tfjsci.rewrite.formulas.cuts import Cut, constant_cuts
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule


def rewrite(match: Match) -> Replacement | Declined:
    """An Identity of the part."""
    graph, root = match.graph, match.root
    pack = graph[node_of(match.tensors["x"])]
    found = constant_cuts(NodeView(graph, root)) if pack.op == "Pack" else None
    if found is None:
        return Declined(reason="it takes nothing of a Pack of known rank", moot=True)
    cuts, layout = found
    axis = NodeView(graph, pack).number("axis", 0) % len(cuts)
    place, rest = cuts[axis], (*cuts[:axis], *cuts[axis + 1 :])
    others = tuple(i for i in range(len(cuts)) if i != axis)
    if not place.index or place.begin is None or layout != others or any(each != Cut() for each in rest):
        return Declined(reason="it takes more than one part, or less than all of it", moot=True)
    if not -len(pack.inputs) <= place.begin < len(pack.inputs):
        return Declined(reason="there is no such part")
    part = pack.inputs[place.begin]
    return Replacement(root=NewNode(name=root.name, op="Identity", inputs=(part,), attrs={"T": root.attrs["T"]}))


RULE = Rule(
    name="pick_of_joined",
    equation="Pack(parts)[i] -> parts[i]",
    pattern=op("StridedSlice", any_tensor("x"), constant("begin"), constant("end"), constant("strides"), name="slice"),
    rewrite=rewrite,
)
