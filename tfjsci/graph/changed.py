"""What of a graph is another than in the graph before: rewriting asks again and again, a few nodes apart.

A node is the same while it is the same object: whoever changes one makes a new one, and hands the others on. Where the one graph
was made of the other, its history tells where to look.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Set

from tfjsci.graph.graph import Graph, Node, TensorType
from tfjsci.graph.history import Changed


class Seen:
    """A graph as it was. It keeps no weights alive."""

    def __init__(self, graph: Graph) -> None:
        self.nodes: Mapping[str, Node] = graph.by_name
        self.outputs = graph.outputs
        self._readers = graph.readers
        self.types: Mapping[str, TensorType] = graph.types
        self._constants = dict(zip(graph.constants, map(weakref.ref, graph.constants.values()), strict=True))
        self._history = graph.history

    def followed(self, graph: Graph) -> Changed | None:
        """What may be another in ``graph``; None where the two have nothing in common: anything may be."""
        return graph.history.since(self._history)

    def gone(self, graph: Graph) -> set[str]:
        """The names of the nodes that aren't in ``graph`` any more."""
        return self.nodes.keys() - graph.by_name.keys()

    def other_nodes(self, graph: Graph) -> set[str]:
        """The names of those of ``graph`` that are new, or others than here, or whose value is."""
        changed = self.followed(graph)
        names: Set[str] = graph.by_name.keys() if changed is None else changed.nodes & graph.by_name.keys()
        before, after = self.nodes, graph.by_name
        return {name for name in names if before.get(name) is not after[name] or self._other_value(graph, name)}

    def _other_value(self, graph: Graph, name: str) -> bool:
        constant, known = graph.constants.get(name), self._constants.get(name)
        return constant is not None and (known is None or known() is not constant)

    def otherwise_read(self, graph: Graph) -> set[str]:
        """The nodes that other nodes read in ``graph`` than here, or in another order."""
        changed = self.followed(graph)
        before, after = self._readers, graph.readers
        names = before.keys() | after.keys() if changed is None else changed.read
        return {name for name in names if _other(before.get(name), after.get(name))}

    def other_types(self, graph: Graph) -> set[str]:
        """The tensors of which something else is known in ``graph``."""
        changed = self.followed(graph)
        before, after = self.types, graph.types
        names = before.keys() | after.keys() if changed is None else changed.tensors
        return {name for name in names if _other(before.get(name), after.get(name))}


def _other(before: object, after: object) -> bool:
    return before is not after and before != after
