"""Nodes that only pass a tensor on, taken out; control edges too: a converted graph computes, it has no side effects."""

from __future__ import annotations

from dataclasses import replace

from tfjsci.graph.edited import edited
from tfjsci.graph.graph import Graph, node_of

PASSES_ON = frozenset({"Identity", "StopGradient", "PreventGradient", "Snapshot", "EnsureShape"})
"""The first input, given back as it is."""

DEBUG = frozenset({"CheckNumerics", "DebugGradientIdentity", "DebugIdentity", "DebugIdentityV2", "Print"})
"""The same, looked at on its way: for whoever debugs. The comparison with the original sees NaN."""


def without_control_edges(graph: Graph) -> Graph:
    """Control edges order side effects, of which a converted graph has none. The runtime would read one as data.

    What hung on them alone (NoOp, Assert, Print) falls away.
    """
    functions = {name: replace(body, graph=without_control_edges(body.graph)) for name, body in graph.functions.items()}
    nodes = tuple(replace(node, control=()) if node.control else node for node in graph.nodes)
    return replace(graph, nodes=nodes, functions=functions).pruned()


def without_pass_ons(graph: Graph, *, keep_debug: bool = False) -> Graph:
    """Readers of an Identity read its input instead. An output that is one stays, unless its source can take its place.

    A function gives back its source in any case: what the runtime makes of that is seen to at the end.
    """
    functions = {
        name: replace(body, graph=_without_pass_ons(body.graph, keep_debug=keep_debug, inside=True))
        for name, body in graph.functions.items()
    }
    return _without_pass_ons(graph, keep_debug=keep_debug, inside=False).with_functions(functions)


def _without_pass_ons(graph: Graph, *, keep_debug: bool, inside: bool) -> Graph:
    passing = PASSES_ON if keep_debug else PASSES_ON | DEBUG
    source: dict[str, str] = {}
    for node in graph.nodes:  # topological, so an input is resolved before its reader
        if node.control:
            continue
        if node.op in passing:
            source[node.name] = source.get(node.inputs[0], node.inputs[0])
        elif node.op == "IdentityN":
            for i, tensor in enumerate(node.inputs):
                source[f"{node.name}:{i}" if i else node.name] = source.get(tensor, tensor)

    def resolved(tensor: str) -> str:
        return source.get(tensor, tensor)

    # Two outputs never become one tensor: the runtime would hand out, and the caller dispose, the same one twice.
    taken = set(graph.outputs)
    outputs: list[str] = []
    for tensor in graph.outputs:
        through = resolved(tensor)
        if inside:
            outputs.append(through)
            continue
        if graph[node_of(through)].op in {"Placeholder", "Const"} or through in taken:
            through = tensor
        taken.add(through)
        outputs.append(through)
    if not source:
        return graph.pruned()
    readers = {reader.name: reader for tensor in source for reader in graph.readers.get(node_of(tensor), ())}
    led = {name: reader.reading(tuple(map(resolved, reader.inputs))) for name, reader in readers.items()}
    return edited(graph, put=led, outputs=outputs).pruned()
