"""Types inferred anew only where a graph has changed: rewriting asks for them again and again, a few nodes apart.

What is remembered of a node holds as long as the node is the same and what it reads has the same types. A small tensor's
*value* may be a shape (the second input of a Reshape), so that whoever reads one that has changed is asked for anew, too, and
what makes one is always looked at with its reader. Most of what nets are made of needn't be asked for at all
(``plain_types.py``).
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass

from tfjsci.graph.graph import (
    AttrValue,
    Constant,
    DType,
    Graph,
    Node,
    ShapeAttr,
    TensorType,
    node_of,
    normal,
    outputs_in,
    unused_name,
)
from tfjsci.graph.history import History
from tfjsci.graph.in_order import InOrder
from tfjsci.graph.plain_types import named, plain_types

Infer = Callable[[Graph], "dict[str, TensorType]"]

_NUMBERS = ("float", "bfloat", "complex")
"""Dtypes, by how their names begin, of tensors that are data and no shape, unless they are scalars or vectors."""

_WHOLE = 0.5
"""Where more than this share of the nodes has changed, all are inferred: taking them apart costs time, too."""


@dataclass(frozen=True, kw_only=True)
class _Remembered:
    node: Node
    constant: weakref.ref[Constant] | None
    """Held weakly: what is remembered keeps no weights alive."""
    types: dict[str, TensorType]
    """Of the node's outputs."""


class RememberedTypes:
    """``infer``, with a memory of the graphs that it was called with: the same answers, sooner."""

    def __init__(self, infer: Infer) -> None:
        self._infer = infer
        self._known: dict[str, _Remembered] = {}
        self._last: History | None = None
        """Of the graph that was asked about last, and what was told of it. What is known of its nodes is known."""
        self._told: dict[str, TensorType] = {}
        self._kept: set[str] = set()
        """The nodes of which something was remembered since."""

    def __call__(self, graph: Graph) -> dict[str, TensorType]:
        """The dtype and shape of every tensor, as ``infer`` tells them."""
        changed = None if self._last is None else graph.history.since(self._last)
        self._last, self._kept = None, set()
        if changed is None:
            self._told = {}
        names: Set[str] = graph.by_name.keys() if changed is None else changed.nodes & graph.by_name.keys()
        open_ = {name for name in names if not self._same(graph, graph[name])}
        asked: set[str] = set()
        while open_:
            left = self._reckon(graph, open_)
            if not left:
                break
            asked.update(left)
            if len(asked) > _WHOLE * len(graph.nodes):
                self._remember(graph, graph.nodes, self._infer(graph))
                break
            # the whole of what was left so far: a part of it may say less of what another part reads
            nodes = [node for node in graph.nodes if node.name in asked]
            before = {name: self._known[name].types for name in asked if name in self._known}
            self._remember(graph, nodes, self._infer(_part(graph, nodes, self._types_of)))
            open_ = {
                reader.name
                for node in nodes
                if node.name in left and self._moves_readers(node.name, before.get(node.name))
                for reader in graph.readers.get(node.name, ())
            } - asked
        self._tell(graph, names if changed is None else changed.nodes | self._kept)
        self._last = graph.history
        return dict(self._told)

    def _tell(self, graph: Graph, names: Set[str]) -> None:
        """Bring what is told up to date; ``names`` are the nodes that are gone, or others than those of which it tells."""
        for name in names:
            for tensor in outputs_in(self._told, name):
                del self._told[tensor]
        for node in InOrder(graph, names):
            self._told.update(self._known[node.name].types)

    def _reckon(self, graph: Graph, open_: set[str]) -> set[str]:
        """Remember what needs no asking, of the nodes in ``open_`` and of what is behind what moves; the names of those left.

        What reads one that is left is left as well: together they say most.
        """
        left: set[str] = set()
        again = InOrder(graph, open_)
        for node in again:
            before = self._known.get(node.name)
            told = plain_types(graph, node, self._type_of) if left.isdisjoint(node.reads) else None
            if told is None:
                left.add(node.name)
                continue
            self._keep(graph, node, named(node, told))
            if self._moves_readers(node.name, None if before is None else before.types):
                again.add(reader.name for reader in graph.readers.get(node.name, ()))
        return left

    def _type_of(self, tensor: str) -> TensorType | None:
        known = self._known.get(node_of(tensor))
        return None if known is None else known.types.get(tensor)

    def _same(self, graph: Graph, node: Node) -> bool:
        known = self._known.get(node.name)
        if known is None or (known.node is not node and known.node != node):
            return False
        return node.op != "Const" or (known.constant is not None and known.constant() is graph.constants[node.name])

    def _moves_readers(self, name: str, before: dict[str, TensorType] | None) -> bool:
        """Whether those who read the node, asked for anew, must be asked again, too."""
        after = self._known[name].types
        return after != before or any(_may_be_a_shape(known) for known in after.values())

    def _types_of(self, name: str) -> dict[str, TensorType]:
        return self._known[name].types

    def _remember(self, graph: Graph, nodes: Iterable[Node], types: dict[str, TensorType]) -> None:
        of_nodes: dict[str, dict[str, TensorType]] = {}
        for tensor, known in types.items():
            of_nodes.setdefault(node_of(tensor), {})[tensor] = known
        for node in nodes:
            self._keep(graph, node, of_nodes.get(node.name, {}))

    def _keep(self, graph: Graph, node: Node, types: dict[str, TensorType]) -> None:
        constant = graph.constants.get(node.name)
        self._known[node.name] = _Remembered(
            node=node, constant=None if constant is None else weakref.ref(constant), types=types
        )
        self._kept.add(node.name)


def _may_be_a_shape(known: TensorType) -> bool:
    return known.shape is None or len(known.shape) <= 1 or not known.dtype.startswith(_NUMBERS)


def _part(graph: Graph, nodes: list[Node], types_of: Callable[[str], dict[str, TensorType]]) -> Graph:
    """The nodes, whatever makes shapes for them, and a Placeholder for each other tensor that they read."""
    inside = {node.name: node for node in nodes}
    stack = list(nodes)
    while stack:
        for tensor in stack.pop().inputs:
            name = node_of(tensor)
            if name not in inside and (
                graph[name].op in {"Const", "Placeholder"} or any(map(_may_be_a_shape, types_of(name).values()))
            ):
                inside[name] = graph[name]
                stack.append(graph[name])
    stand_ins: dict[str, Node] = {}
    taken = set(graph.by_name)

    def read(tensor: str) -> str:
        if node_of(tensor) in inside:
            return tensor
        if tensor not in stand_ins:
            known = types_of(node_of(tensor))[normal(tensor)]
            name = unused_name(f"{node_of(tensor)}/stand_in", taken)
            taken.add(name)
            attrs: dict[str, AttrValue] = {"dtype": DType(known.dtype), "shape": ShapeAttr(known.shape)}
            stand_ins[tensor] = Node(name=name, op="Placeholder", attrs=attrs)
        return stand_ins[tensor].name

    there = [
        Node(name=node.name, op=node.op, inputs=tuple(map(read, node.inputs)), attrs=node.attrs)
        for node in inside.values()
    ]
    return Graph(
        nodes=(*stand_ins.values(), *there),
        outputs=(),
        constants={name: graph.constants[name] for name in inside if name in graph.constants},
    )
