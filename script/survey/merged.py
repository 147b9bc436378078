"""Several converted models as one, so that a page is opened, and a runtime started, once for all of them.

Each model's nodes, inputs and outputs get a prefix of its own; nothing else changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tfjsci.converter import Converted
from tfjsci.graph.graph import Graph
from tfjsci.signature import TensorSpec

_ASYNCHRONOUS = frozenset({"Where", "Unique", "LookupTableFindV2", "LookupTableFind", "HashTableV2"})


def can_be_merged(converted: Converted) -> bool:
    """Not with loops, dynamic sizes or tables: they make the runtime run the whole graph in another way."""
    graph = converted.graph
    return not graph.functions and not any(
        node.op in _ASYNCHRONOUS or node.op.startswith(("NonMaxSuppression", "TensorList")) for node in graph
    )


def prefix(index: int) -> str:
    """What the names of the model at this place begin with."""
    return f"m{index}/"


def merged(models: Sequence[Converted]) -> Converted:
    """All of ``models`` side by side."""
    if len(models) == 1:
        return models[0]
    graphs = [_prefixed(model.graph, prefix(i)) for i, model in enumerate(models)]
    graph = Graph(
        nodes=tuple(node for each in graphs for node in each.nodes),
        outputs=tuple(tensor for each in graphs for tensor in each.outputs),
        constants={name: value for each in graphs for name, value in each.constants.items()},
        types={tensor: known for each in graphs for tensor, known in each.types.items()},
    )
    return replace(
        models[0],
        rewritten=replace(models[0].rewritten, graph=graph),
        inputs=tuple(_spec(spec, prefix(i)) for i, model in enumerate(models) for spec in model.inputs),
        outputs=tuple(_spec(spec, prefix(i)) for i, model in enumerate(models) for spec in model.outputs),
    )


def _prefixed(graph: Graph, start: str) -> Graph:
    return Graph(
        nodes=tuple(
            replace(
                node,
                name=start + node.name,
                inputs=tuple(start + tensor for tensor in node.inputs),
                control=tuple(start + name for name in node.control),
            )
            for node in graph.nodes
        ),
        outputs=tuple(start + tensor for tensor in graph.outputs),
        constants={start + name: value for name, value in graph.constants.items()},
        types={start + tensor: known for tensor, known in graph.types.items()},
    )


def _spec(spec: TensorSpec, start: str) -> TensorSpec:
    return replace(spec, name=start + spec.name, tensor=start + spec.tensor)
