"""Each output is a node of its own, none an input or a weight: the runtime keeps one name of the signature for each node.

Its ``predict`` asks for the outputs by that name, so two outputs of one node (a tensor given back twice, two parts of a Split)
would both be the last of them; and an input that is given back would be asked for under the output's name. What a page
disposes of once it has read it mustn't be a weight of the model.
Source: tfjs-converter's ``operation_mapper`` and ``graph_executor`` (4.22.0), ``signatureKey`` and ``outputNodes``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from tfjsci.graph.graph import DType, Graph, Node, TensorType, node_of, unused_name


def with_outputs_apart(graph: Graph) -> Graph:
    """The first of several outputs of a node that computes stays as it is; an Identity hands on the others."""
    shared = {name for name, count in Counter(map(node_of, graph.outputs)).items() if count > 1}
    given = {node.name for node in graph.nodes if node.op in ("Placeholder", "Const")}
    taken: set[str] = set()
    names = {node.name for node in graph.nodes}
    made: list[Node] = []
    types: dict[str, TensorType] = {}
    outputs = []
    for tensor in graph.outputs:
        name = node_of(tensor)
        known = graph.type_of(tensor)
        if known is None or (name not in given and (name not in shared or name not in taken)):
            taken.add(name)
            outputs.append(tensor)
            continue
        node = Node(
            name=unused_name(f"{name}/output", names), op="Identity", inputs=(tensor,), attrs={"T": DType(known.dtype)},
            origin=graph[name].origin,
        )  # fmt: skip
        names.add(node.name)
        made.append(node)
        types[node.name] = known
        outputs.append(node.name)
    if not made:
        return graph
    return replace(graph, nodes=(*graph.nodes, *made), outputs=tuple(outputs), types={**graph.types, **types})
