"""One row of each matrix picked, x[:, i], and what is there for that alone: what rules that pick earlier share."""

from __future__ import annotations

from collections.abc import Set

from tfjsci.graph.graph import Graph, Node, node_of
from tfjsci.rewrite.pattern import Match


def picked_row(match: Match) -> int | None:
    """Which row the matched StridedSlice takes along the second dimension, with all there is along the others; else None."""
    begin, strides = match.value("begin").value.tolist(), match.value("strides").value.tolist()
    others = (1 << len(begin)) - 1 - 2
    if len(begin) < 2 or any(stride != 1 for stride in strides) or _mask(match, "shrink_axis") != 2:
        return None
    if _mask(match, "ellipsis") or _mask(match, "new_axis"):
        return None
    if any(_mask(match, end) & others != others for end in ("begin", "end")):
        return None
    return int(begin[1])


def _mask(match: Match, name: str) -> int:
    bits = match.root.attrs.get(f"{name}_mask", 0)
    assert isinstance(bits, int)
    return bits


def read_only_for(graph: Graph, root: Node, ops: Set[str]) -> set[str]:
    """The nodes of these ops whose readers are all among them, too, or are ``root``: those that may be done on one row."""
    ours = {root.name}
    outputs = {node_of(tensor) for tensor in graph.outputs}
    for node in reversed(graph.nodes):
        readers = graph.readers.get(node.name, ())
        if node.op not in ops or not readers or node.name in outputs or node.control:
            continue
        if all(reader.name in ours for reader in readers):
            ours.add(node.name)
    return ours - {root.name}
