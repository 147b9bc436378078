"""Nodes that do the same to the same tensors, done once: common subexpressions.

Each lowering builds what it needs. Three projections of one sequence of open length would read that length, and make the shape
of their heads, three times. Sums, products and the like are the same whichever operand comes first.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from tfjsci.graph.edited import edited
from tfjsci.graph.graph import DType, FunctionName, Graph, Node, node_of, normal
from tfjsci.rewrite.fold_constants import always_the_same

SIZES = frozenset(
    {
        "AddV2", "Cast", "ConcatV2", "ExpandDims", "FloorDiv", "GatherV2", "Maximum", "Minimum", "Mul", "Pack", "Prod",
        "Shape", "Slice", "Squeeze", "StridedSlice", "Sub",
    }
)  # fmt: skip
"""What sizes are read and reckoned with."""

COMMUTATIVE = frozenset(
    {
        "Add", "AddV2", "Equal", "LogicalAnd", "LogicalOr", "Maximum", "Minimum", "Mul", "NotEqual", "SquaredDifference",
    }
)  # fmt: skip
"""Whose two operands may change places. (A NaN comes out of either order.)"""

_FUSED = "_Fused"


def with_shared_nodes(graph: Graph, *, ops: Set[str] | None = None) -> Graph:
    """Readers of the second read the first, in function bodies too; of ``ops`` alone, where those are given.

    An output of the graph keeps its node: it becomes an Identity, as two outputs that are one tensor would be disposed twice.
    """
    functions = {
        name: replace(body, graph=with_shared_nodes(body.graph, ops=ops)) for name, body in graph.functions.items()
    }
    graph = graph.with_functions(functions)
    outputs = {node_of(tensor) for tensor in graph.outputs}
    first: dict[tuple[object, ...], str] = {}
    instead: dict[str, str] = {}
    changed: dict[str, Node] = {}
    for node in graph.nodes:
        read = node
        if not instead.keys().isdisjoint(node.reads):
            read = node.reading(tuple(_led(tensor, instead) for tensor in node.inputs))
        if _may_share(node, ops):
            kept = first.setdefault(_identity(read), node.name)
            if kept != node.name and node.name not in outputs:
                instead[node.name] = kept
            elif kept != node.name and (copied := _copied(graph, node, kept)) is not None:
                read = copied
        if read is not node:
            changed[node.name] = read
    return edited(graph, put=changed).pruned() if instead or changed else graph


def _may_share(node: Node, ops: Set[str] | None) -> bool:
    if node.control or not node.inputs or any(isinstance(value, FunctionName) for value in node.attrs.values()):
        return False
    if ops is not None:
        return node.op in ops
    return always_the_same(node.op) or node.op.startswith(_FUSED)


def _identity(node: Node) -> tuple[object, ...]:
    """What two nodes have in common that are one."""
    inputs = tuple(sorted(node.inputs)) if node.op in COMMUTATIVE else node.inputs
    return (node.op, inputs, tuple(sorted(node.attrs.items(), key=lambda item: item[0])))


def _led(tensor: str, instead: dict[str, str]) -> str:
    """A tensor of the node that stays: of several results the same one."""
    name, colon, index = normal(tensor).partition(":")
    return instead.get(name, name) + colon + index


def _copied(graph: Graph, node: Node, kept: str) -> Node | None:
    """An output's node that only hands the first one's result on; None where it has several, or no known dtype."""
    known = graph.type_of(node.name)
    if known is None or node.name in graph.read_beyond_first or node.op == "Identity":
        return None
    return Node(name=node.name, op="Identity", inputs=(kept,), attrs={"T": DType(known.dtype)}, origin=node.origin)
