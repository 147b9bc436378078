"""Replacements put into a graph: names made unique, readers of what is gone led to what took its place."""

from __future__ import annotations

from collections.abc import Sequence
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
    names: dict[int, str] = {}
    for change in changes:
        _choose_names(graph, change, taken, names)
    moved = {
        normal(f"{change.root.name}:{i}"): source for change in changes for i, source in enumerate(change.new.others, 1)
    }

    def as_it_was(tensor: str) -> str:
        """A tensor of the old graph, or what stands for it now."""
        while (source := moved.get(normal(tensor))) is not None:
            if not isinstance(source, str):
                return new_tensor(source)
            tensor = source
        return tensor

    new_roots = {change.root.name: change.new.root for change in changes}

    def new_tensor(source: Source) -> str:
        if isinstance(source, str):
            return as_it_was(source)
        if isinstance(source, BehindNewRoot):
            return new_tensor(new_roots[source.root].inputs[0])
        if isinstance(source, NewOutput):
            return normal(f"{names[id(source.node)]}:{source.index}")
        return names[id(source)]

    made: dict[str, Node] = {}
    constants: dict[str, Constant] = {}
    same_type: set[str] = set()
    for change in changes:
        origin = tuple(dict.fromkeys(layer for node in change.inside for layer in node.origin))
        before = {node.name: node.op for node in change.inside}
        for thing in change.new.things:
            name = names[id(thing)]
            if isinstance(thing, NewConst):
                dtype = DType(dtype_name(thing.constant.value))
                made[name] = Node(name=name, op="Const", attrs={"dtype": dtype}, origin=origin)
                constants[name] = thing.constant
                continue
            is_root = thing is change.new.root
            made[name] = Node(
                name=name,
                op=thing.op,
                inputs=tuple(new_tensor(source) for source in thing.inputs),
                control=change.root.control if is_root else (),
                attrs=thing.attrs,
                origin=origin,
            )
            if name in before and (is_root or before[name] == thing.op):
                same_type.add(name)
    remade = gone | made.keys()
    readers = {reader.name: reader for tensor in moved for reader in graph.readers.get(node_of(tensor), ())}
    led = {
        name: reader.reading(tuple(map(as_it_was, reader.inputs)))
        for name, reader in readers.items()
        if name not in remade
    }
    return edited(
        graph,
        # A root keeps its place, and what is new beside it comes last: a graph is written in the order of its nodes.
        gone=remade - roots,
        put={**made, **led},
        constants=constants,
        untyped=remade,
        typed={name: graph.types[name] for name in same_type if name in graph.types},
        outputs=tuple(map(as_it_was, graph.outputs)),
    )


def _choose_names(graph: Graph, change: Change, taken: set[str], names: dict[int, str]) -> None:
    """A name for each thing that is new, put into ``names`` by the thing's id, and into ``taken``."""
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


def given_up(graph: Graph, change: Change) -> set[str]:
    """The Consts that the match alone reads and its replacement doesn't: their names are free for new weights."""
    inside = {node.name for node in change.inside}
    read = {name for node in change.inside for name in node.reads[: len(node.inputs)] if name in graph.constants}
    return {
        name
        for name in read.difference(change.new.reads, map(node_of, graph.outputs))
        if all(reader.name in inside for reader in graph.readers[name])
    }
