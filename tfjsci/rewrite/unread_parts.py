"""Split, SplitV and Unpack of which one part is read: a Slice of that part, as the runtime would cut out all of them."""

from __future__ import annotations

from tfjsci.catalog.node_view import NodeView
from tfjsci.graph.graph import Graph, Node, index_of, node_of, normal
from tfjsci.rewrite.build import Tensor, UnknownShapeError, along, squeeze, tensor_of
from tfjsci.rewrite.replace import Change, with_changes
from tfjsci.rewrite.rule import NewNode, Replacement


def with_read_parts_alone(graph: Graph) -> Graph:
    """The graph with such nodes cut short; what is new has no known type, and a Split's part may have another's."""
    changes = []
    for node in graph.nodes:
        if node.op not in ("Split", "SplitV", "Unpack") or node.control:
            continue
        read = _read(graph, node)
        if len(read) != 1 or _count(graph, node) < 2:
            continue
        try:
            part = _part(graph, node, read.pop())
        except UnknownShapeError:
            continue
        if part is not None and isinstance(part.source, NewNode):
            others = (part.source,) * (_count(graph, node) - 1)  # whichever is read is this one
            changes.append(Change(root=node, inside=(node,), new=Replacement(root=part.source, others=others)))
    return with_changes(graph, changes).pruned() if changes else graph


def _read(graph: Graph, node: Node) -> set[int]:
    tensors = {tensor for reader in graph.readers.get(node.name, ()) for tensor in reader.inputs}
    return {index_of(t) for t in (*tensors, *map(normal, graph.outputs)) if node_of(t) == node.name}


def _count(graph: Graph, node: Node) -> int:
    view = NodeView(graph, node)
    return view.number("num" if node.op == "Unpack" else "num_split", 1)


def _part(graph: Graph, node: Node, index: int) -> Tensor | None:
    """Part number ``index``; None where it isn't known where it begins. Raises ``UnknownShapeError``."""
    view = NodeView(graph, node)
    if node.op == "Unpack":
        x = tensor_of(graph, node.inputs[0])
        at = view.number("axis", 0) % x.rank
        return squeeze(along(x, at, index, 1), at)
    data, axis = (1, view.value(0)) if node.op == "Split" else (0, view.value(2))
    x = tensor_of(graph, node.inputs[data])
    if axis is None:
        return None
    at = int(axis.item()) % x.rank
    if node.op == "Split":
        whole, count = x.sizes[at], _count(graph, node)
        return None if whole is None else along(x, at, index * (whole // count), whole // count)
    sizes = view.value(1)
    if sizes is None or -1 in (known := [int(n) for n in sizes.reshape(-1)][: index + 1])[:index]:
        return None
    return along(x, at, sum(known[:index]), known[index])
