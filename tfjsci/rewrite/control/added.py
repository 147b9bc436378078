"""Nodes that are added to a part of a graph, under names that nothing of it has.

added = Added(part)
shape = added.integers(node, "shape", (-1, 3))
rows = added.put(node, "rows", "Reshape", x, shape, T=dtype, Tshape=DType("int32"))
part = added.last()
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from tfjsci.graph.graph import AttrValue, Constant, DType, Graph, Node, TensorType, dtype_name, unused_name


class Added:
    """What is put beside a part's nodes. Each is named after the node that it is for, and is of its layers."""

    def __init__(self, part: Graph) -> None:
        self._part = part
        self._taken = set(part.by_name)
        self._nodes: list[Node] = []
        self._constants: dict[str, Constant] = {}
        self._types: dict[str, TensorType] = {}

    def name(self, wanted: str) -> str:
        """A name that isn't taken: from now on it is."""
        name = unused_name(wanted, self._taken)
        self._taken.add(name)
        return name

    def put(
        self, of: Node, word: str, op: str, *inputs: str, known: TensorType | None = None, **attrs: AttrValue
    ) -> str:
        """A node; ``known`` is the type of its output. Its name."""
        return self.take(
            Node(name=self.name(f"{of.name}/{word}"), op=op, inputs=inputs, attrs=attrs, origin=of.origin), known
        )

    def take(self, node: Node, known: TensorType | None = None) -> str:
        """A node as it is, whose name was asked for. Its name."""
        self._nodes.append(node)
        if known is not None:
            self._types[node.name] = known
        return node.name

    def constant(self, of: Node, word: str, value: Constant) -> str:
        """A Const."""
        name = self.put(of, word, "Const", dtype=DType(dtype_name(value.value)))
        self._constants[name] = value
        return name

    def take_constant(self, node: Node, value: Constant) -> str:
        """A Const as it is, whose name was asked for. Its name."""
        self._constants[node.name] = value
        return self.take(node)

    def integers(self, of: Node, word: str, values: int | Sequence[int], dtype: str = "int32") -> str:
        """A Const of whole numbers: a vector, or (of an int) a scalar."""
        return self.constant(of, word, Constant(value=np.asarray(values, dtype=dtype)))

    def type(self, tensor: str, known: TensorType) -> None:
        """What is known of a tensor: of a node's second output, or of a node that is there already."""
        self._types[tensor] = known

    def type_of(self, tensor: str) -> TensorType | None:
        """What is known of a tensor of the part, these among them."""
        return self._types.get(tensor) or self._part.type_of(tensor)

    def last(self, instead: Node | None = None) -> Graph:
        """The part, and they behind it. ``instead`` takes the place of the node of its name."""
        return self._with((*self._others(instead), *self._nodes))

    def first(self, instead: Node | None = None) -> Graph:
        """The same, with them at the beginning."""
        return self._with((*self._nodes, *self._others(instead)))

    def before(self, instead: Node) -> Graph:
        """The same, with them in front of the node that takes another's place."""
        others = self._others(instead)
        at = others.index(instead)
        return self._with((*others[:at], *self._nodes, *others[at:]))

    def _others(self, instead: Node | None) -> tuple[Node, ...]:
        if instead is None:
            return self._part.nodes
        return tuple(instead if each.name == instead.name else each for each in self._part.nodes)

    def _with(self, nodes: Iterable[Node]) -> Graph:
        constants = {**self._part.constants, **self._constants}
        return replace(self._part, nodes=tuple(nodes), constants=constants, types={**self._part.types, **self._types})
