"""The weights behind one node: those that it reads, and those of the functions that it runs."""

from __future__ import annotations

from collections.abc import Mapping

from tfjsci.graph.calls import roles
from tfjsci.graph.graph import Array, Graph, Node, node_of
from tfjsci.localize.closeness import closeness, decibel
from tfjsci.localize.localization import Closeness

DAMAGED_DB = 100.0
"""A float weight is stored as it is: float64 becomes float32, which is 150 dB. What is farther away has been changed."""


def constants_of(graph: Graph, node: Node) -> dict[str, Array]:
    """Values by the weight's name."""
    found = {name: graph.constants[name].value for name in map(node_of, node.inputs) if name in graph.constants}
    for name in _functions_of(graph, node):
        found |= {each: constant.value for each, constant in graph.functions[name].graph.constants.items()}
    return found


def damaged(graph: Graph, node: Node, stored: Mapping[str, Array]) -> tuple[str, Closeness] | None:
    """The weight of ``node`` that is farthest from what is ``stored`` under its name, if one is too far; by name."""
    found = {
        name: closeness(value, stored[name]) for name, value in constants_of(graph, node).items() if name in stored
    }
    name = min(found, key=lambda each: decibel(found[each]), default=None)
    return None if name is None or decibel(found[name]) >= DAMAGED_DB else (name, found[name])


def _functions_of(graph: Graph, node: Node) -> tuple[str, ...]:
    """The functions that a node runs, and those that they run in turn, by name."""
    found: dict[str, None] = {}
    stack = [node]
    while stack:
        for name in roles(stack.pop()).values():
            if name in graph.functions and name not in found:
                found[name] = None
                stack += graph.functions[name].graph.nodes
    return tuple(found)
