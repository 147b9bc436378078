"""Changes to a part of a graph: the main graph (its name is ``""``), or the graph of one function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from tfjsci.graph.calls import bodies, calls, roles
from tfjsci.graph.graph import (
    AttrValue,
    FunctionBody,
    FunctionName,
    Graph,
    Node,
    index_of,
    node_of,
    normal,
    unused_name,
)


def part_of(graph: Graph, name: str) -> Graph:
    """The main graph, or that of a function."""
    return graph.functions[name].graph if name else graph


def with_part(graph: Graph, name: str, part: Graph, inputs: tuple[str, ...] | None = None) -> Graph:
    """The whole with one part anew; ``inputs`` are the function's if they changed."""
    if not name:
        return replace(part, functions=graph.functions)
    body = graph.functions[name]
    changed = replace(body, graph=replace(part, functions={}), inputs=body.inputs if inputs is None else inputs)
    return replace(graph, functions={**graph.functions, name: changed})


def with_own_functions(graph: Graph, body: FunctionBody) -> tuple[FunctionBody, dict[str, FunctionBody]]:
    """A function for one place more: what it runs are copies under names of their own, which are given too.

    A loop in it may be made another one in each place, as each function belongs to one node.
    """
    made: dict[str, FunctionBody] = {}

    def copied(value: AttrValue) -> AttrValue:
        if isinstance(value, tuple):
            return tuple(renamed(item) if isinstance(item, FunctionName) else item for item in value)
        return renamed(value) if isinstance(value, FunctionName) else value

    def renamed(function: FunctionName) -> FunctionName:
        if function.name not in graph.functions:
            return function
        name = unused_name(function.name, graph.functions.keys() | made.keys())
        made[name] = replace(graph.functions[function.name], name=name)
        made[name] = replace(made[name], graph=with_copies(made[name].graph))
        return FunctionName(name)

    def with_copies(part: Graph) -> Graph:
        if not any(roles(node) for node in part.nodes):
            return part
        nodes = (
            replace(node, attrs={key: copied(value) for key, value in node.attrs.items()}) if roles(node) else node
            for node in part.nodes
        )
        return replace(part, nodes=tuple(nodes))

    return replace(body, graph=with_copies(body.graph)), made


def without_unused_functions(graph: Graph) -> Graph:
    """What no node runs any more goes."""
    used = {body.name for part, node in calls(graph) for body in bodies(graph, node).values()}
    if used == set(graph.functions):
        return graph
    return replace(graph, functions={name: body for name, body in graph.functions.items() if name in used})


def everywhere(graph: Graph, change: Callable[[Graph], Graph]) -> Graph:
    """``change`` made to the main graph and to that of each function, each by itself."""
    functions = {name: replace(body, graph=change(body.graph)) for name, body in graph.functions.items()}
    return change(graph.with_functions({})).with_functions(functions)


def led(graph: Graph, instead: Mapping[str, str]) -> Graph:
    """Readers and outputs of some tensors led to others."""
    if not instead:
        return graph

    def to(tensor: str) -> str:
        return instead.get(normal(tensor), tensor)

    return replace(
        graph,
        nodes=tuple(
            replace(node, inputs=tuple(map(to, node.inputs)))
            if any(normal(t) in instead for t in node.inputs)
            else node
            for node in graph.nodes
        ),
        outputs=tuple(map(to, graph.outputs)),
    )


def without_nodes(graph: Graph, names: Iterable[str]) -> Graph:
    """The graph without nodes that nobody reads."""
    gone = set(names)
    return replace(
        graph,
        nodes=tuple(node for node in graph.nodes if node.name not in gone),
        constants={name: value for name, value in graph.constants.items() if name not in gone},
        types={tensor: known for tensor, known in graph.types.items() if node_of(tensor) not in gone},
    )


def read_outputs(graph: Graph, node: Node) -> set[int]:
    """The numbers of the outputs of ``node`` that something reads."""
    read = [t for reader in graph.readers.get(node.name, ()) for t in reader.inputs if node_of(t) == node.name]
    read += [t for t in graph.outputs if node_of(t) == node.name]
    return {index_of(tensor) for tensor in read}


def output(node: Node, index: int) -> str:
    """The tensor that is the node's output of that number."""
    return normal(f"{node.name}:{index}")
