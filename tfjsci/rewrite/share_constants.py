"""Constants that are equal to the last bit and made of the same variables, stored once.

An unrolled recurrent layer computes the same slice of its bias at every step; folding makes a Const of each.
"""

from __future__ import annotations

from dataclasses import replace

from tfjsci.graph.graph import Constant, Graph, node_of, normal


def with_shared_constants(graph: Graph) -> Graph:
    """Readers of the second read the first. Two variables that happen to be equal stay two: they have names of their own."""
    first: dict[tuple[object, ...], str] = {}
    instead: dict[str, str] = {}
    outputs = {node_of(tensor) for tensor in graph.outputs}
    for name, constant in graph.constants.items():
        if constant.value.dtype.kind in "OSU" or name in outputs:
            continue
        kept = first.setdefault(identity_of(constant), name)
        if kept != name:
            instead[name] = kept
    if not instead:
        return graph
    nodes = tuple(
        node.reading(tuple(instead.get(normal(tensor), tensor) for tensor in node.inputs)) for node in graph.nodes
    )
    return replace(graph, nodes=nodes).pruned()


def identity_of(constant: Constant) -> tuple[object, ...]:
    """What two constants have in common that are one."""
    value = constant.value
    return (value.dtype.str, value.shape, tuple(sorted(constant.sources)), value.tobytes())
