"""Nodes that do the same to the same tensors, done once: sizes read and put together, tensors moved.

Each lowering builds what it needs. Three projections of one sequence of open length would read that length, and make the shape
of their heads, three times.
"""

from __future__ import annotations

from dataclasses import replace

from tfjsci.graph.graph import Graph, Node, node_of, normal

SHARED = frozenset(
    {
        "Cast", "ConcatV2", "ExpandDims", "GatherV2", "Pack", "Prod", "Range", "Reshape", "Shape", "Slice", "Squeeze",
        "StridedSlice", "Transpose",
    }
)  # fmt: skip
"""What lowerings build beside the arithmetic. Nothing random, and nothing that keeps a state."""


def with_shared_nodes(graph: Graph) -> Graph:
    """Readers of the second read the first, in function bodies too. An output of the graph keeps its node."""
    functions = {name: replace(body, graph=with_shared_nodes(body.graph)) for name, body in graph.functions.items()}
    graph = replace(graph, functions=functions) if functions else graph
    outputs = {node_of(tensor) for tensor in graph.outputs}
    first: dict[tuple[object, ...], str] = {}
    instead: dict[str, str] = {}
    nodes: list[Node] = []
    for node in graph.nodes:
        read = replace(node, inputs=tuple(instead.get(normal(tensor), tensor) for tensor in node.inputs))
        nodes.append(read)
        if node.op not in SHARED or node.control or node.name in outputs:
            continue
        kept = first.setdefault((node.op, read.inputs, tuple(sorted(node.attrs.items()))), node.name)
        if kept != node.name:
            instead[node.name] = kept
    return replace(graph, nodes=tuple(nodes)).pruned() if instead else graph
