"""Names that a reader recognises: a weight is called after its variable, and inlined calls leave no prefix."""

from __future__ import annotations

import re
from dataclasses import replace

from tfjsci.graph.graph import Graph, node_of, normal, unused_name

_CALL = re.compile(r"^((Stateful)?PartitionedCall(_\d+)?/)+")


def plain_name(name: str) -> str:
    """A node's name without the prefixes of inlined calls."""
    return _CALL.sub("", name)


def with_plain_names(graph: Graph) -> Graph:
    """``StatefulPartitionedCall/net/conv/Squeeze``, made of ``conv/bias``, becomes ``conv/bias``. Placeholders keep theirs."""
    names: dict[str, str] = {}
    taken = {node.name for node in graph.nodes if node.op == "Placeholder"}
    for node in graph.nodes:
        if node.op == "Placeholder":
            names[node.name] = node.name
            continue
        constant = graph.constants.get(node.name)
        wanted = constant.sources[0] if constant and constant.sources else plain_name(node.name)
        wanted = re.sub(r"[^A-Za-z0-9_./>-]", "_", wanted)
        if not re.match(r"[A-Za-z0-9.]", wanted):
            wanted = node.name
        name = unused_name(wanted, taken)
        taken.add(name)
        names[node.name] = name

    def renamed(tensor: str) -> str:
        first, colon, index = normal(tensor).partition(":")
        return names[first] + colon + index

    return replace(
        graph,
        nodes=tuple(
            replace(
                node,
                name=names[node.name],
                inputs=tuple(map(renamed, node.inputs)),
                control=tuple(map(renamed, node.control)),
            )
            for node in graph.nodes
        ),
        outputs=tuple(map(renamed, graph.outputs)),
        constants={names[name]: constant for name, constant in graph.constants.items()},
        types={renamed(tensor): known for tensor, known in graph.types.items() if node_of(tensor) in names},
    )
