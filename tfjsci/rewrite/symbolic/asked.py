"""A node as the rules of shapes and values ask about it: symbolic shapes and values of its inputs, constants and attributes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from tfjsci.catalog.node_view import NodeView
from tfjsci.graph.graph import Graph, Node
from tfjsci.rewrite.symbolic.size import Number

Dims = tuple[Number, ...]
"""A shape: how large each dimension is."""

Values = npt.NDArray[Any]
"""An array (dtype object) of Numbers, or of bools and Numbers for what a bool tensor holds."""


class Asked:
    """``node`` of ``graph``, with what is known of the tensors before it."""

    def __init__(
        self,
        graph: Graph,
        node: Node,
        shape_of: Callable[[str], Dims | None],
        value_of: Callable[[str], Values | None],
    ) -> None:
        self.view = NodeView(graph, node)
        self.node = node
        self._shape_of, self._value_of = shape_of, value_of

    @property
    def count(self) -> int:
        """How many inputs it has."""
        return len(self.node.inputs)

    def shape(self, index: int) -> Dims | None:
        """The shape of an input; None where not even the rank is known."""
        return self._shape_of(self.node.inputs[index]) if index < self.count else None

    def value(self, index: int) -> Values | None:
        """What an input holds, where it is small and of whole numbers or bools."""
        return self._value_of(self.node.inputs[index]) if index < self.count else None

    def vector(self, index: int) -> list[Number] | None:
        """The same, flattened."""
        value = self.value(index)
        return None if value is None else list(value.reshape(-1))

    def ints(self, index: int) -> list[int] | None:
        """The numbers of an input, flattened, where each of them is known."""
        numbers = self.vector(index)
        known = [n for n in numbers or () if isinstance(n, int)]
        return known if numbers is not None and len(known) == len(numbers) else None

    def number(self, index: int) -> int | None:
        """The one number of an input, where it is known."""
        numbers = self.ints(index)
        return numbers[0] if numbers is not None and len(numbers) == 1 else None

    def axes(self, index: int, rank: int) -> list[int] | None:
        """An input that names dimensions, counted from the front; None where they aren't known."""
        numbers = self.ints(index)
        if numbers is None or any(not -rank <= n < rank for n in numbers):
            return None
        return [n % rank for n in numbers]


def array(values: Any) -> Values:
    """Numbers as an array of objects, whatever its rank."""
    return np.asarray(values, dtype=object)


Table = Mapping[str, Callable[[Asked], Any]]
"""What is known of an op's results, by the op's name."""
