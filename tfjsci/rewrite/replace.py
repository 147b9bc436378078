"""Replacements put into a graph: names made unique, readers of what is gone led to what took its place."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from tfjsci.graph.graph import DType, Graph, Node, dtype_name, node_of, normal, unused_name
from tfjsci.rewrite.rule import NewConst, NewNode, NewOutput, Replacement, Source


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

    def new_tensor(source: Source) -> str:
        if isinstance(source, str):
            return as_it_was(source)
        if isinstance(source, NewOutput):
            return normal(f"{names[id(source.node)]}:{source.index}")
        return names[id(source)]

    def led(node: Node) -> Node:
        inputs = tuple(as_it_was(tensor) for tensor in node.inputs) if moved else node.inputs
        return node.reading(inputs)

    made: list[Node] = []
    constants = {name: value for name, value in graph.constants.items() if name not in gone}
    same_type: set[str] = set()
    for change in changes:
        origin = tuple(dict.fromkeys(layer for node in change.inside for layer in node.origin))
        before = {node.name: node.op for node in change.inside}
        for thing in _things(change.new):
            name = names[id(thing)]
            if isinstance(thing, NewConst):
                dtype = DType(dtype_name(thing.constant.value))
                made.append(Node(name=name, op="Const", attrs={"dtype": dtype}, origin=origin))
                constants[name] = thing.constant
                continue
            is_root = thing is change.new.root
            made.append(
                Node(
                    name=name,
                    op=thing.op,
                    inputs=tuple(new_tensor(source) for source in thing.inputs),
                    control=change.root.control if is_root else (),
                    attrs=thing.attrs,
                    origin=origin,
                )
            )
            if name in before and (is_root or before[name] == thing.op):
                same_type.add(name)
    remade = gone | {node.name for node in made}
    # A root keeps its place, and what is new beside it comes last: a graph is written in the order of its nodes.
    new = {node.name: node for node in made}
    nodes = [
        new.pop(node.name) if node.name in roots else led(node)
        for node in graph.nodes
        if node.name in roots or node.name not in remade
    ]
    return Graph(
        nodes=(*nodes, *new.values()),
        outputs=tuple(as_it_was(tensor) for tensor in graph.outputs),
        constants=constants,
        types={t: known for t, known in graph.types.items() if node_of(t) not in remade or t in same_type},
        functions=graph.functions,
    )


def _choose_names(graph: Graph, change: Change, taken: set[str], names: dict[int, str]) -> None:
    """A name for each thing that is new, put into ``names`` by the thing's id, and into ``taken``."""
    things = _things(change.new)
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


def _things(new: Replacement) -> list[NewNode | NewConst]:
    """All that is new in a replacement, inputs before readers, each once."""
    found: list[NewNode | NewConst] = []
    seen: set[int] = set()

    def visit(one: Source) -> None:
        if isinstance(one, NewOutput):
            one = one.node
        if isinstance(one, str) or id(one) in seen:
            return
        seen.add(id(one))
        if isinstance(one, NewNode):
            for below in one.inputs:
                if not isinstance(below, str):
                    visit(below)
        found.append(one)

    visit(new.root)
    for source in new.others:
        visit(source)
    return found


def read_by(new: Replacement) -> set[str]:
    """The nodes of the graph as it was that a replacement reads."""
    sources: list[Source] = [*new.others]
    sources += [source for thing in _things(new) if isinstance(thing, NewNode) for source in thing.inputs]
    return {node_of(source) for source in sources if isinstance(source, str)}


def given_up(graph: Graph, change: Change) -> set[str]:
    """The Consts that the match alone reads and its replacement doesn't: their names are free for new weights."""
    inside: Set[str] = {node.name for node in change.inside}
    still_read = read_by(change.new)
    read = {node_of(tensor) for node in change.inside for tensor in node.inputs}
    outputs = {node_of(tensor) for tensor in graph.outputs}
    return {
        name
        for name in read - still_read - outputs
        if name in graph.constants and all(reader.name in inside for reader in graph.readers[name])
    }
