"""A graph made of another by changing a few of its nodes, in time for those few.

What stays needn't be checked, put in order, pruned, or asked who reads it once more: all of that follows from what it was and
what was changed. The new graph is the one that would have come of all its nodes; its history tells what is another in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from types import MappingProxyType

from tfjsci.graph.graph import (
    Constant,
    Graph,
    GraphError,
    Node,
    TensorType,
    node_of,
    normal,
    outputs_in,
    reads_before,
)
from tfjsci.graph.history import Changed, History

_NO_NODES: Mapping[str, Node] = MappingProxyType({})
_NO_CONSTANTS: Mapping[str, Constant] = MappingProxyType({})
_NO_TYPES: Mapping[str, TensorType] = MappingProxyType({})


def edited(
    graph: Graph,
    *,
    gone: Set[str] = frozenset(),
    put: Mapping[str, Node] = _NO_NODES,
    constants: Mapping[str, Constant] = _NO_CONSTANTS,
    untyped: Set[str] = frozenset(),
    typed: Mapping[str, TensorType] = _NO_TYPES,
    outputs: Sequence[str] | None = None,
) -> Graph:
    """The graph without the nodes that are ``gone``, with those that are ``put``: each where the one of its name is, else last.

    ``constants`` are the values of the Consts among them. Of the nodes that are ``untyped``, and of those gone for good, no type
    is known any more but those that are ``typed``. ``outputs`` are the graph's unless they are given. If it is known that the
    graph was pruned, then so is this. Raises :class:`GraphError` as a graph does.
    """
    changes = _Edit(graph, gone, put, tuple(map(normal, graph.outputs if outputs is None else outputs)))
    values = dict(graph.constants)
    for name in gone - constants.keys():
        values.pop(name, None)
    values.update(constants)
    _require_values(put, constants, values)
    for name in changes.dead:
        values.pop(name, None)
    types = dict(graph.types)
    other = {t for name in (*untyped, *(gone - put.keys())) for t in outputs_in(types, name)} - typed.keys()
    for tensor in other:
        del types[tensor]
    types.update(typed)
    unneeded = {tensor for name in changes.dead for tensor in outputs_in(types, name)}
    for tensor in unneeded:
        del types[tensor]
    changed = Changed(
        nodes={*gone, *put, *changes.dead}, read=changes.read_otherwise, tensors={*other, *typed, *unneeded}
    )
    return Graph.unchecked(
        nodes=tuple(changes.nodes.values()),
        outputs=changes.outputs,
        constants=values,
        types=types,
        functions=graph.functions,
        by_name=changes.nodes,
        readers=changes.readers,
        history=History(graph.history, changed),
        is_pruned=graph.is_pruned and all(node.op != "Merge" for node in put.values()),
    )


class _Edit:
    """``nodes`` as they will be, in order, and their ``readers``; which are ``dead``, which ``read_otherwise`` than before."""

    def __init__(self, graph: Graph, gone: Set[str], put: Mapping[str, Node], outputs: tuple[str, ...]) -> None:
        self._graph, self._put = graph, put
        self._remade = gone | put.keys()
        self._again = gone & put.keys()
        """Those that lose their places."""
        self.outputs = outputs
        self.nodes = dict(graph.by_name)
        for name in gone:
            self.nodes.pop(name, None)
        self.nodes.update(put)
        self._positions = dict(zip(self.nodes, range(len(self.nodes)), strict=True))
        self._require_read(gone - put.keys())
        moved = self._put_in_order()
        self.readers = dict(graph.readers)
        self.read_otherwise: set[str] = set(gone)
        self._read_anew(moved)
        self.dead: set[str] = set()
        if graph.is_pruned:
            self._prune()

    def _require_read(self, gone: Set[str]) -> None:
        """Raise :class:`GraphError` if something is read, or an output, that isn't there."""
        missing = {name for node in self._put.values() for name in node.reads} - self.nodes.keys()
        for node in self._put.values() if missing else ():
            for name, tensor in zip(node.reads, (*node.inputs, *node.control), strict=True):
                if name in missing:
                    raise GraphError(f"{node.op} {node.name!r} reads {tensor!r}, which isn't in the graph")
        for name in gone:
            for reader in self._graph.readers.get(name, ()):
                if reader.name not in self._remade:
                    raise GraphError(f"{reader.op} {reader.name!r} reads {name!r}, which isn't in the graph")
        for tensor in self.outputs:
            if node_of(tensor) not in self.nodes:
                raise GraphError(f"the output {tensor!r} isn't in the graph")

    def _put_in_order(self) -> list[str]:
        """Inputs before readers, otherwise as it is; the names of those that had to come forward."""
        last = {reader.name for name in self._again for reader in self._graph.readers.get(name, ())}
        early = [name for name in self._put.keys() | last if name in self.nodes and self._reads_behind(name)]
        if not early:
            return []
        forward: dict[str, None] = {}
        names = list(self.nodes)
        order: list[str] = []
        done = 0
        for position in sorted(map(self._positions.__getitem__, early)):
            order += names[done:position]
            done = position
            order += self._before(names[position], forward)
        order += names[done:]
        # of a name that stands there twice, the first place is the one
        self.nodes = {name: self.nodes[name] for name in dict.fromkeys(order)}
        self._positions = dict(zip(self.nodes, range(len(self.nodes)), strict=True))
        return list(forward)

    def _reads_behind(self, name: str) -> bool:
        furthest = max(map(self._positions.__getitem__, reads_before(self.nodes[name])), default=-1)
        return furthest >= self._positions[name]

    def _before(self, first: str, forward: dict[str, None]) -> list[str]:
        """What must come before ``first`` and doesn't yet, in order, and ``first`` itself; added to ``forward``.

        Raises :class:`GraphError` for a circle.
        """
        if first in forward:
            return []
        here = self._positions[first]
        found: list[str] = []
        stack: list[tuple[str, Iterator[str]]] = [(first, reads_before(self.nodes[first]))]
        open_ = {first}
        while stack:
            name, rest = stack[-1]
            for below in rest:
                if below in open_:
                    raise GraphError(f"the graph runs in a circle through {below!r}")
                if below not in forward and self._positions[below] > here:
                    open_.add(below)
                    stack.append((below, reads_before(self.nodes[below])))
                    break
            else:
                stack.pop()
                open_.remove(name)
                forward[name] = None
                found.append(name)
        return found

    def _read_anew(self, moved: Collection[str]) -> None:
        """The readers of what those nodes read that were changed, or moved among the others."""
        before = self._graph.by_name
        more: dict[str, list[Node]] = {}
        for node in self._put.values():
            for name in dict.fromkeys(node.reads):
                more.setdefault(name, []).append(node)
        self.read_otherwise.update(more)
        for name in self._remade & before.keys():
            self.read_otherwise.update(before[name].reads)
        for name in moved:
            self.read_otherwise.update(self.nodes[name].reads)
        for name in self.read_otherwise:
            readers = [node for node in self.readers.get(name, ()) if node.name not in self._remade]
            self._read_by(name, readers + more[name] if name in more else readers)

    def _read_by(self, name: str, readers: list[Node]) -> None:
        if len(readers) > 1:
            readers.sort(key=lambda node: self._positions[node.name])
        if readers:
            self.readers[name] = tuple(readers)
        else:
            self.readers.pop(name, None)

    def _prune(self) -> None:
        """Take out what has lost its last reader, or never had one."""
        before = self._graph.by_name
        lost = {read for name in self._remade & before.keys() for read in before[name].reads}
        stack = [*lost, *self._put, *map(node_of, self._graph.outputs)]
        outputs = set(map(node_of, self.outputs))
        while stack:
            name = stack.pop()
            node = self.nodes.get(name)
            if node is None or name in self.dead or name in outputs or node.op == "Placeholder":
                continue
            readers = self.readers.get(name, ())
            if not readers or (readers[0].name in self.dead and all(reader.name in self.dead for reader in readers)):
                self.dead.add(name)
                stack += node.reads
        read = {read for name in self.dead for read in self.nodes[name].reads}
        for name in self.dead:
            del self.nodes[name]
        for name in read:
            self._read_by(name, [reader for reader in self.readers.get(name, ()) if reader.name not in self.dead])
        self.read_otherwise |= read


def _require_values(put: Mapping[str, Node], constants: Mapping[str, Constant], values: Mapping[str, Constant]) -> None:
    """Raise :class:`GraphError` unless the Consts that are put, and they alone, have values."""
    for node in put.values():
        if node.op == "Const" and node.name not in values:
            raise GraphError(f"Const {node.name!r} has no value")
        if node.op != "Const" and node.name in values:
            raise GraphError(f"the value {node.name!r} has no Const")
    for name in constants.keys() - put.keys():
        raise GraphError(f"the value {name!r} has no Const")
