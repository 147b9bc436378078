"""A lowering: an op that TensorFlow.js, or one of the wanted backends, can't run, said in ops that it can.

It is asked only about nodes for which the check found a problem on a wanted backend, so a backend that has the op keeps it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from tfjsci.catalog.catalog import Catalog, load_catalog
from tfjsci.catalog.node_view import NodeView
from tfjsci.dtypes import Backend
from tfjsci.graph.graph import Graph, Node, Shape, TensorType
from tfjsci.rewrite.build.tensor import Tensor, tensor_of
from tfjsci.rewrite.rule import Declined


class Subject(NodeView):
    """The node to lower, as a lowering asks about it: attributes and values as in ``NodeView``, inputs as tensors."""

    def __init__(self, graph: Graph, node: Node, backends: Sequence[Backend], catalog: Catalog | None = None) -> None:
        """``backends`` are those that are wanted and can't run the node as it is.

        ``catalog`` is what the run's release has; by default the one that the package brings along.
        """
        super().__init__(graph, node)
        self.backends = tuple(backends)
        self.catalog = catalog or load_catalog()

    @cached_property
    def inputs(self) -> tuple[Tensor, ...]:
        """The inputs, to build with. Raises ``UnknownShapeError`` when the dtype of one isn't known."""
        return tuple(tensor_of(self.graph, name) for name in self.node.inputs)

    def output(self, index: int = 0) -> TensorType | None:
        """What is known of an output."""
        name = self.node.name
        return self.graph.type_of(f"{name}:{index}" if index else name)

    def output_shape(self, index: int = 0) -> Shape:
        """The shape of an output, as far as it is known."""
        known = self.output(index)
        return known.shape if known is not None else None

    def number_in(self, index: int) -> int | None:
        """The value of an input that is a constant whole number."""
        value = self.value(index)
        return int(value.reshape(-1)[0]) if value is not None and value.size == 1 else None


Outputs = Tensor | tuple[Tensor, ...]
"""The node's only output, or one for each of its outputs."""


@dataclass(frozen=True, kw_only=True)
class Lowering:
    """``lower`` builds what takes the node's place, or says why it can't; ``equation`` tells it in a line.

    The result has the dtype and shape that TensorFlow's op has. ``accuracy`` says what it costs where it isn't exact to
    a few float steps, ``limits`` what it declines; both are sentences for the docs.
    """

    name: str
    ops: tuple[str, ...]
    equation: str
    lower: Callable[[Subject], Outputs | Declined]
    accuracy: str = ""
    limits: str = ""
    always: str = ""
    """Why it is taken even where every wanted backend has the op; empty: it isn't."""
