"""What of a graph is another than in the graph before: rewriting asks again and again, a few nodes apart.

A node is the same while it is the same object: whoever changes one makes a new one, and hands the others on.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping

from tfjsci.graph.graph import Graph, Node, TensorType


class Seen:
    """A graph as it was. It keeps no weights alive."""

    def __init__(self, graph: Graph) -> None:
        self.nodes: Mapping[str, Node] = graph.by_name
        self.outputs = graph.outputs
        self._readers = graph.readers
        self.types: Mapping[str, TensorType] = graph.types
        self._constants = {name: weakref.ref(constant) for name, constant in graph.constants.items()}

    def gone(self, graph: Graph) -> set[str]:
        """The names of the nodes that aren't in ``graph`` any more."""
        return self.nodes.keys() - graph.by_name.keys()

    def other_nodes(self, graph: Graph) -> set[str]:
        """The names of those of ``graph`` that are new, or others than here, or whose value is."""
        before, constants = dict(self.nodes), self._constants
        other = {node.name for node in graph.nodes if before.get(node.name) is not node}
        for name, constant in graph.constants.items():
            if (known := constants.get(name)) is None or known() is not constant:
                other.add(name)
        return other

    def otherwise_read(self, graph: Graph) -> set[str]:
        """The nodes that other nodes read in ``graph`` than here, or in another order."""
        before, after = dict(self._readers), graph.readers
        other = [name for name, readers in after.items() if before.get(name) != readers]
        return {*other} | (before.keys() - after.keys())

    def other_types(self, graph: Graph) -> set[str]:
        """The tensors of which something else is known in ``graph``."""
        before, after = dict(self.types), dict(graph.types)
        other = [tensor for tensor, known in after.items() if before.get(tensor) is not known]
        return {t for t in other if before.get(t) != after[t]} | (before.keys() - after.keys())
