"""Where rules were tried in vain, and what they looked at for that: there they needn't be tried again while it stays as it was.

A large graph is changed in a few places at a time. What a rule makes of a node hangs on nothing but what it asks the graph, so
each attempt is watched; after a change only those are made anew that asked about something that is another now. Who reads a node
is asked apart from what it is: thousands read the same axis, and some of them are changed in each sweep.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from tfjsci.graph.changed import Seen
from tfjsci.graph.graph import Graph, node_of
from tfjsci.graph.watched import Watched
from tfjsci.rewrite.symbolic.sizes import Sizes, sizes_of

Told = TypeVar("Told")


@dataclass(slots=True)
class _InVain(Generic[Told]):
    asked: frozenset[str]
    asked_readers: frozenset[str]
    told: Told


class Tried(Generic[Told]):
    """The nodes where everything was tried in vain, each with what the rules told there."""

    def __init__(self) -> None:
        self._in_vain: dict[str, _InVain[Told]] = {}
        self._seen: Seen | None = None
        self._sizes: Sizes | None = None

    def follow(self, graph: Graph) -> None:
        """Forget what may come out otherwise in ``graph`` than in the one before."""
        if self._seen is None or self._seen.outputs != graph.outputs:
            self._in_vain, self._sizes = {}, None
        else:
            other = self._seen.other_nodes(graph) | self._seen.gone(graph)
            other.update(map(node_of, self._seen.other_types(graph)))
            if self._sizes is not None:
                sizes = sizes_of(graph)
                other |= sizes.other_than(self._sizes)
                self._sizes = sizes
            read = self._seen.otherwise_read(graph)
            if other or read:
                self._in_vain = {
                    name: each
                    for name, each in self._in_vain.items()
                    if other.isdisjoint(each.asked) and read.isdisjoint(each.asked_readers)
                }
        self._seen = Seen(graph)

    def told_at(self, name: str) -> Told | None:
        """What was told at that node, where nothing needs to be tried again."""
        known = self._in_vain.get(name)
        return None if known is None else known.told

    def in_vain(self, name: str, watched: Watched, told: Told) -> None:
        """Remember it, with what the graph was asked meanwhile, unless that was everything at once."""
        if watched.widely:
            return
        if watched.asked_sizes and self._sizes is None:
            self._sizes = sizes_of(watched.unwatched)
        self._in_vain[name] = _InVain(frozenset(watched.asked), frozenset(watched.asked_readers), told)
