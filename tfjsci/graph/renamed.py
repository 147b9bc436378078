"""A graph with other names for some of its nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tfjsci.graph.graph import Graph


def renamed(graph: Graph, names: Mapping[str, str]) -> Graph:
    """``names`` maps nodes to what they are to be called; those of functions aren't looked at. The types aren't kept.

    Raises ``GraphError`` when two nodes would have one name.
    """
    if not names:
        return graph

    def of(tensor: str) -> str:
        name, colon, index = tensor.partition(":")
        return f"{names.get(name, name)}{colon}{index}"

    nodes = tuple(
        replace(node, name=of(node.name), inputs=tuple(map(of, node.inputs)), control=tuple(map(of, node.control)))
        for node in graph.nodes
    )
    return Graph(
        nodes=nodes,
        outputs=tuple(map(of, graph.outputs)),
        constants={of(name): constant for name, constant in graph.constants.items()},
        functions=graph.functions,
    )
