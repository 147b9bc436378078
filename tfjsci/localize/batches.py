"""Which nodes are asked for together: in topological order, as many as fit into the memory that there is for them."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import TypeVar

from tfjsci.dtypes import RUNTIME_DTYPE
from tfjsci.graph.graph import Graph, Node, TensorType, node_of

BATCH_BYTES = 64 << 20
"""Of one question: both sides hold it, and the page, too. The activations of a small vision model fit in one or two."""

MOST_TENSORS = 400
"""Of one question; each is a buffer of its own in the page."""

_UNKNOWN_BYTES = BATCH_BYTES // 16
"""What a tensor of a shape that isn't known is taken for."""

_VALUE_BYTES = 4


def tensors_of(graph: Graph) -> dict[str, tuple[str, ...]]:
    """Node name -> the tensors of it that anybody reads, in order."""
    read = [tensor for node in graph.nodes for tensor in node.inputs] + list(graph.outputs)
    found: dict[str, dict[str, None]] = {}
    for tensor in read:
        found.setdefault(node_of(tensor), {})[tensor] = None
    return {name: tuple(sorted(tensors)) for name, tensors in found.items()}


def is_comparable(graph: Graph, tensor: str) -> bool:
    """Whether a tensor can be fetched: a list's, a table's or a variable's handle can't. What isn't known may be."""
    known = graph.type_of(tensor)
    return known is None or known.dtype in RUNTIME_DTYPE


def batches(graph: Graph, *, there: Container[str], rows: int, limit: int = BATCH_BYTES) -> Iterator[tuple[Node, ...]]:
    """The nodes that compute, in order; those in ``there`` are fetched. ``rows`` is the size of a dimension that is open.

    A node that alone takes more than ``limit`` bytes is a batch of its own.
    """
    tensors = tensors_of(graph)
    nodes = [node for node in graph.nodes if node.op not in ("Const", "Placeholder") and node.name in tensors]

    def fetched(node: Node) -> list[str]:
        return [each for each in tensors[node.name] if is_comparable(graph, each)] if node.name in there else []

    yield from portions(((node, fetched(node)) for node in nodes), graph, rows=rows, limit=limit)


Item = TypeVar("Item")


def portions(
    items: Iterable[tuple[Item, Sequence[str]]], graph: Graph, *, rows: int, limit: int = BATCH_BYTES
) -> Iterator[tuple[Item, ...]]:
    """The items, each beside the tensors of ``graph`` that it is asked for, in order: as many together as one question may hold.

    An item that alone takes more than ``limit`` bytes is a portion of its own.
    """
    portion: list[Item] = []
    size = count = 0
    for item, tensors in items:
        more = sum(bytes_of(graph.type_of(each), rows) for each in tensors)
        if portion and (size + more > limit or count + len(tensors) > MOST_TENSORS):
            yield tuple(portion)
            portion, size, count = [], 0, 0
        portion.append(item)
        size, count = size + more, count + len(tensors)
    if portion:
        yield tuple(portion)


def bytes_of(known: TensorType | None, rows: int) -> int:
    """What a tensor takes, about."""
    if known is None or known.shape is None:
        return _UNKNOWN_BYTES
    return _VALUE_BYTES * math.prod(rows if size is None else size for size in known.shape)
