"""Replacements put into a graph: names made unique, readers of what is gone led to what took its place."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from tfjsci.graph.edited import edited
from tfjsci.graph.graph import Constant, DType, Graph, Node, dtype_name, node_of, normal, unused_name
from tfjsci.rewrite.rule import BehindNewRoot, NewConst, NewOutput, Replacement, Source


@dataclass(frozen=True, kw_only=True)
class Change:
    """``inside`` are the nodes that go, ``root`` among them; ``new`` takes their place under the root's name."""

    root: Node
    inside: tuple[Node, ...]
    new: Replacement


def with_changes(graph: Graph, changes: Sequence[Change]) -> Graph:
    """The graph with all the changes made, which must not overlap. What is new has no known type afterwards.

    A root keeps its type: its replacement has the same dtype and shape.
    """
    gone = {node.name for change in changes for node in change.inside}
    roots = {change.root.name for change in changes}
    taken = set(graph.by_name) - gone | roots
    tensors = _Tensors(changes)
    for change in changes:
        tensors.names |= _chosen_names(graph, change, taken)
    made: dict[str, Node] = {}
    constants: dict[str, Constant] = {}
    same_type: set[str] = set()
    for change in changes:
        nodes = _made(change, tensors)
        made |= nodes
        constants |= {
            tensors.names[id(thing)]: thing.constant for thing in change.new.things if isinstance(thing, NewConst)
        }
        before = {node.name: node.op for node in change.inside}
        same_type |= {
            name
            for name, node in nodes.items()
            if name == change.root.name or (node.op != "Const" and before.get(name) == node.op)
        }
    remade = gone | made.keys()
    return edited(
        graph,
        # A root keeps its place, and what is new beside it comes last: a graph is written in the order of its nodes.
        gone=remade - roots,
        put={**made, **_led(graph, tensors, remade)},
        constants=constants,
        untyped=remade,
        typed={name: graph.types[name] for name in same_type if name in graph.types},
        outputs=tuple(map(tensors.as_it_was, graph.outputs)),
    )


class _Tensors:
    """What the tensors of the graph before, and what is new, are called in the one after; ``names`` are by a new thing's id."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self.names: dict[int, str] = {}
        self.moved: dict[str, Source] = {
            normal(f"{change.root.name}:{i}"): source
            for change in changes
            for i, source in enumerate(change.new.others, 1)
        }
        """What stands for a root's second output and those after it."""
        self._roots = {change.root.name: change.new.root for change in changes}

    def as_it_was(self, tensor: str) -> str:
        """A tensor of the old graph, or what stands for it now."""
        while (source := self.moved.get(normal(tensor))) is not None:
            if not isinstance(source, str):
                return self.of(source)
            tensor = source
        return tensor

    def of(self, source: Source) -> str:
        """What a new node reads."""
        if isinstance(source, str):
            return self.as_it_was(source)
        if isinstance(source, BehindNewRoot):
            return self.of(self._roots[source.root].inputs[0])
        if isinstance(source, NewOutput):
            return normal(f"{self.names[id(source.node)]}:{source.index}")
        return self.names[id(source)]


def _made(change: Change, tensors: _Tensors) -> dict[str, Node]:
    """The change's new nodes, by name."""
    origin = tuple(dict.fromkeys(layer for node in change.inside for layer in node.origin))
    made = {}
    for thing in change.new.things:
        name = tensors.names[id(thing)]
        if isinstance(thing, NewConst):
            dtype = DType(dtype_name(thing.constant.value))
            made[name] = Node(name=name, op="Const", attrs={"dtype": dtype}, origin=origin)
            continue
        made[name] = Node(
            name=name,
            op=thing.op,
            inputs=tuple(map(tensors.of, thing.inputs)),
            control=change.root.control if thing is change.new.root else (),
            attrs=thing.attrs,
            origin=origin,
        )
    return made


def _led(graph: Graph, tensors: _Tensors, remade: Set[str]) -> dict[str, Node]:
    """Whoever stays and read an output that has moved, reading what stands for it."""
    readers = {reader.name: reader for tensor in tensors.moved for reader in graph.readers.get(node_of(tensor), ())}
    return {
        name: reader.reading(tuple(map(tensors.as_it_was, reader.inputs)))
        for name, reader in readers.items()
        if name not in remade
    }


def _chosen_names(graph: Graph, change: Change, taken: set[str]) -> dict[int, str]:
    """A name for each thing that is new, by the thing's id; they are put into ``taken``."""
    names = {}
    things = change.new.things
    free = given_up(graph, change)
    for thing in things:
        wish = thing.name or f"{change.root.name}/{'const' if isinstance(thing, NewConst) else thing.op.lower()}"
        if thing is change.new.root:
            name = change.root.name
        elif isinstance(thing, NewConst) and wish in free:
            name = wish
            free.remove(name)
        else:
            name = unused_name(wish, taken)
        taken.add(name)
        names[id(thing)] = name
    return names


def given_up(graph: Graph, change: Change) -> set[str]:
    """The Consts that the match alone reads and its replacement doesn't: their names are free for new weights."""
    inside = {node.name for node in change.inside}
    read = {name for node in change.inside for name in node.reads[: len(node.inputs)] if name in graph.constants}
    return {
        name
        for name in read.difference(change.new.reads, map(node_of, graph.outputs))
        if all(reader.name in inside for reader in graph.readers[name])
    }
