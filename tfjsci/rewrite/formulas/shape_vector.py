"""What is known of a vector of sizes that is computed: some of its numbers, where the open batch hides others.

``tensordot``, with which Keras' Dense multiplies sequences, gathers and multiplies sizes to reshape by; inference gives up on it.
"""

from __future__ import annotations

from tfjsci.graph.graph import Graph, Node, normal
from tfjsci.rewrite.formulas.known_value import known_value

_DEEPEST = 8


def sizes_in(graph: Graph, tensor: str, depth: int = _DEEPEST) -> list[int | None] | None:
    """Its numbers, None for those that only a run tells; None where not even their count is known."""
    whole = known_value(graph, tensor)
    if whole is not None:
        return [int(n) for n in whole.reshape(-1)] if whole.ndim == 1 else None
    node = graph.by_name.get(normal(tensor))
    found = None if node is None or depth == 0 else _made(graph, node, depth - 1)
    if found is not None:
        return found
    known = graph.type_of(tensor)
    if known is None or known.shape is None or len(known.shape) != 1 or known.shape[0] is None:
        return None
    return [None] * known.shape[0]


def _made(graph: Graph, node: Node, depth: int) -> list[int | None] | None:
    match node.op:
        case "Shape":
            known = graph.type_of(node.inputs[0])
            return None if known is None or known.shape is None else list(known.shape)
        case "Cast" | "Identity":
            return sizes_in(graph, node.inputs[0], depth)
        case "Pack":
            return [_number(graph, tensor) for tensor in node.inputs]
        case "ConcatV2":
            parts = [sizes_in(graph, tensor, depth) for tensor in node.inputs[:-1]]
            return None if None in parts else [n for part in parts if part is not None for n in part]
        case "GatherV2":
            sizes, at = sizes_in(graph, node.inputs[0], depth), graph.constant(node.inputs[1])
            return None if sizes is None or at is None or at.value.ndim != 1 else [sizes[int(i)] for i in at.value]
    return None


def _number(graph: Graph, tensor: str) -> int | None:
    value = known_value(graph, tensor)
    return int(value.reshape(-1)[0]) if value is not None and value.size == 1 else None
