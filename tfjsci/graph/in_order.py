"""Some nodes of a graph in its order, found as one goes: what has changed, and what is behind it as far as that matters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush

from tfjsci.graph.graph import Graph, Node


class InOrder:
    """Iterates over the nodes of these names, and those added meanwhile that are further behind, in the graph's order, each once.

    Names that aren't in the graph are left out.
    """

    def __init__(self, graph: Graph, names: Iterable[str]) -> None:
        self._graph = graph
        positions = graph.positions
        self._added = {positions[name] for name in names if name in positions}
        self._waiting = sorted(self._added)
        self._at = -1

    def add(self, names: Iterable[str]) -> None:
        """Come to these, too, unless they lie before the node that was given last."""
        for name in names:
            position = self._graph.positions.get(name, -1)
            if position > self._at and position not in self._added:
                self._added.add(position)
                heappush(self._waiting, position)

    def __iter__(self) -> Iterator[Node]:
        while self._waiting:
            self._at = heappop(self._waiting)
            yield self._graph.nodes[self._at]
