"""A graph that remembers of which nodes it was asked something: whoever asked may be spared asking again while those stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from tfjsci.graph.graph import Constant, FunctionBody, Graph, Node, TensorType, node_of, normal

V = TypeVar("V")


class Watched(Graph):
    """``whole``, seen through this. ``asked`` are the nodes asked about, ``asked_readers`` those whose readers were asked for;
    ``widely``: something was asked of all at once.

    About a node: what it is, its value, its type. The outputs aren't watched.
    """

    asked: set[str]
    asked_readers: set[str]
    widely: bool
    asked_sizes: bool
    """Whether somebody asked what is known of sizes, which is beside the graph."""

    @classmethod
    def watching(cls, graph: Graph) -> Watched:
        """The same graph, watched."""
        made = object.__new__(cls)
        asked: set[str] = set()
        asked_readers: set[str] = set()
        made.__dict__.update(
            _graph=graph,
            _by_name=_Asking(graph.by_name, made, asked),
            _readers=_Asking(graph.readers, made, asked_readers),
            _constants=_Asking(graph.constants, made, asked),
            _types=_Asking(graph.types, made, asked),
            outputs=graph.outputs,
            asked=asked,
            asked_readers=asked_readers,
            widely=False,
            asked_sizes=False,
        )
        return made

    def begin(self) -> None:
        """Forget what was asked."""
        self.asked.clear()
        self.asked_readers.clear()
        self.__dict__["widely"] = self.__dict__["asked_sizes"] = False

    def asks_sizes(self) -> None:
        """Sizes are asked for, too."""
        self.__dict__["asked_sizes"] = True

    @property
    def unwatched(self) -> Graph:
        """The graph, for whoever tells :attr:`asked` what is looked at."""
        graph: Graph = self.__dict__["_graph"]
        return graph

    @property
    def whole(self) -> Graph:
        """The graph itself; asking for it is asking for all of it."""
        self.__dict__["widely"] = True
        return self.unwatched

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All of them."""
        return self.whole.nodes

    @property
    def functions(self) -> Mapping[str, FunctionBody]:
        """All of them."""
        return self.whole.functions

    @property
    def read_beyond_first(self) -> frozenset[str]:
        """All of them."""
        return self.whole.read_beyond_first

    @property
    def by_name(self) -> Mapping[str, Node]:
        """As the graph's."""
        return self.__dict__["_by_name"]  # type: ignore[no-any-return]

    @property
    def readers(self) -> Mapping[str, tuple[Node, ...]]:
        """As the graph's."""
        return self.__dict__["_readers"]  # type: ignore[no-any-return]

    @property
    def constants(self) -> Mapping[str, Constant]:
        """As the graph's."""
        return self.__dict__["_constants"]  # type: ignore[no-any-return]

    @property
    def types(self) -> Mapping[str, TensorType]:
        """As the graph's."""
        return self.__dict__["_types"]  # type: ignore[no-any-return]

    def __getitem__(self, name: str) -> Node:
        self.asked.add(name)
        return self.unwatched.by_name[name]

    def constant(self, tensor: str) -> Constant | None:
        """As the graph's."""
        self.asked.add(node_of(tensor))
        return self.unwatched.constants.get(normal(tensor))

    def type_of(self, tensor: str) -> TensorType | None:
        """As the graph's."""
        self.asked.add(node_of(tensor))
        return self.unwatched.type_of(tensor)


class _Asking(Mapping[str, V]):
    """One of the graph's mappings, by node or by tensor."""

    def __init__(self, of: Mapping[str, V], graph: Watched, asked: set[str]) -> None:
        self._of, self._graph, self._asked = of, graph, asked

    def __getitem__(self, key: str) -> V:
        self._asked.add(node_of(key))
        return self._of[key]

    def __contains__(self, key: object) -> bool:
        self._asked.add(node_of(str(key)))
        return key in self._of

    def __iter__(self) -> Iterator[str]:
        self._graph.__dict__["widely"] = True
        return iter(self._of)

    def __len__(self) -> int:
        self._graph.__dict__["widely"] = True
        return len(self._of)
