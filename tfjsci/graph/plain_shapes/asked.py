"""A node as the functions of this package ask about it: shapes of its inputs, constants and attributes."""

from __future__ import annotations

from collections.abc import Sequence

from tfjsci.graph.graph import Graph, Node
from tfjsci.graph.plain_shapes.dims import Dims
from tfjsci.graph.plain_values import Holder, Numbers, TypeOf, whole_numbers


class Asked:
    """``node`` with the shapes of its inputs, all of known rank, and the values of those that are constants."""

    def __init__(self, graph: Graph, node: Node, dims: Sequence[Dims], type_of: TypeOf) -> None:
        self.graph, self.node, self.dims = graph, node, dims
        self._type_of = type_of

    def ints(self, index: int) -> list[int] | None:
        """The whole numbers of an input that is a constant, flattened."""
        constant = self.graph.constants.get(self.node.inputs[index])
        return None if constant is None else whole_numbers(constant, rank=2)

    def held(self, index: int) -> Numbers | None:
        """The whole numbers of an input that is a vector, each None where it isn't known."""
        return Holder(self.graph, self._type_of).numbers(self.node.inputs[index])

    def axes(self, index: int, rank: int) -> list[int] | None:
        """Those that name dimensions, counted from the front."""
        numbers = self.ints(index)
        if numbers is None or any(not -rank <= n < rank for n in numbers):
            return None
        return [n % rank for n in numbers]

    def numbers(self, name: str, count: int) -> list[int] | None:
        """A list of so many whole numbers among the attributes."""
        value = self.node.attrs.get(name)
        if not isinstance(value, tuple) or len(value) != count or not all(isinstance(n, int) for n in value):
            return None
        return [int(n) for n in value if isinstance(n, int)]

    def is_nhwc(self) -> bool:
        """Whether the channels are last."""
        return self.node.attrs.get("data_format", b"NHWC") == b"NHWC"
