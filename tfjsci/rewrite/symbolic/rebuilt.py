"""Expressions made into tensors again, each from where its sizes come from: the shortest way that is known.

A run of sizes of one tensor is one Slice of its Shape; what is reckoned is reckoned with scalars or with vectors of one number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tfjsci.graph.graph import Graph, node_of
from tfjsci.rewrite.build import (
    Tensor,
    UnknownShapeError,
    concat,
    const,
    floor_div,
    maximum,
    minimum,
    reshape,
    shape_of,
    slice_of,
    tensor_of,
)
from tfjsci.rewrite.build.shaping import element
from tfjsci.rewrite.rule import NewNode, NewOutput, Source
from tfjsci.rewrite.symbolic.size import Atom, Dimension, Element, Number, Size
from tfjsci.rewrite.symbolic.sizes import sizes_of

_CALLS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"floordiv": floor_div, "max": maximum, "min": minimum}


class Rebuilding:
    """Makes int32 tensors of expressions; what two of them share is made once."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._sizes = sizes_of(graph)
        self._made: dict[object, Tensor] = {}

    def vector(self, numbers: Sequence[Number]) -> Tensor:
        """The numbers as a vector. Raises ``UnknownShapeError`` where one comes from a tensor of no known dtype."""
        parts: list[Tensor] = []
        at = 0
        while at < len(numbers):
            length, part = self._run(numbers, at)
            parts.append(part)
            at += length
        return concat(parts, 0) if parts else const(np.zeros(0, np.int32))

    def scalar(self, number: Number) -> Tensor:
        """The number as a scalar. Raises ``UnknownShapeError`` where it comes from a tensor of no known dtype."""
        return self._number(number, as_vector=False)

    def _run(self, numbers: Sequence[Number], at: int) -> tuple[int, Tensor]:
        """How many of the numbers from ``at`` on can be had at once, and the tensor of them."""
        end = at + 1
        if isinstance(numbers[at], int):
            while end < len(numbers) and isinstance(numbers[end], int):
                end += 1
            return end - at, _int32(numbers[at:end])
        atom = _atom(numbers[at])
        if not isinstance(atom, Dimension):
            return 1, self._number(numbers[at], as_vector=True)
        whole, dims = self._shape(atom.tensor), self._sizes.shape(atom.tensor) or ()
        if tuple(numbers[at : at + len(dims)]) == dims:
            return len(dims), whole
        while end < len(numbers) and _atom(numbers[end]) == Dimension(atom.tensor, atom.axis + end - at):
            end += 1
        return end - at, self._once((atom, end - at), lambda: slice_of(whole, [atom.axis], [end - at]))

    def _number(self, number: Number, *, as_vector: bool) -> Tensor:
        if isinstance(number, int):
            return _int32([number] if as_vector else number)
        return self._once((number, as_vector), lambda: self._polynomial(number, as_vector))

    def _polynomial(self, number: Size, as_vector: bool) -> Tensor:
        total: Tensor | None = None
        for atoms, factor in sorted(number.terms, key=lambda term: not term[0]):  # the constant last
            parts = [self._once((atom, as_vector), lambda atom=atom: self._of(atom, as_vector)) for atom in atoms]  # type: ignore[misc]
            if factor == -1 and parts and total is not None:
                total = total - _multiplied(parts)
                continue
            if factor != 1 or not parts:
                parts.append(self._number(factor, as_vector=as_vector))
            term = _multiplied(parts)
            total = term if total is None else total + term
        assert total is not None, "an expression has terms"
        return total

    def _of(self, atom: Atom, as_vector: bool) -> Tensor:
        if isinstance(atom, Dimension):
            return _picked(self._shape(atom.tensor), atom.axis, as_vector)
        if isinstance(atom, Element):
            return self._held(atom, as_vector)
        first, second = (self._number(given, as_vector=as_vector) for given in atom.arguments)
        return _CALLS[atom.name](first, second)

    def _held(self, atom: Element, as_vector: bool) -> Tensor:
        tensor = tensor_of(self._graph, atom.tensor)
        if tensor.dtype != "int32" or tensor.rank > 1:
            raise UnknownShapeError(f"{atom.tensor} is no int32 vector")
        if tensor.rank == 0:
            return reshape(tensor, [1]) if as_vector else tensor
        return _picked(tensor, atom.index, as_vector)

    def _shape(self, tensor: str) -> Tensor:
        """The tensor's Shape: the first that is there already, else a new one."""
        there = first_shape_of(self._graph, tensor)
        if there is not None:
            return tensor_of(self._graph, there)
        return self._once(("shape", tensor), lambda: shape_of(tensor_of(self._graph, tensor)))

    def _once(self, key: object, make: Callable[[], Tensor]) -> Tensor:
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]


def _picked(vector: Tensor, index: int, as_vector: bool) -> Tensor:
    """One number of a vector; the vector itself where that is all that it holds."""
    if not as_vector:
        return element(vector, index)
    return vector if vector.shape == (1,) else slice_of(vector, [index], [1])


def _int32(numbers: object) -> Tensor:
    """Known numbers. Raises ``UnknownShapeError`` for one that an int32 can't hold."""
    wide = np.asarray(numbers, dtype=object)
    if any(not -(2**31) <= number < 2**31 for number in wide.reshape(-1)):
        raise UnknownShapeError(f"{numbers} doesn't fit in int32")
    return const(wide.astype(np.int32))


def first_shape_of(graph: Graph, tensor: str) -> str | None:
    """The first node that reads the tensor's shape as int32."""
    for node in graph.readers.get(node_of(tensor), ()):
        known = graph.type_of(node.name)
        if node.op == "Shape" and node.inputs == (tensor,) and known is not None and known.dtype == "int32":
            return node.name
    return None


def new_nodes(source: Source) -> list[NewNode]:
    """All the nodes that are new in it, each once, readers before what they read."""
    found: dict[int, NewNode] = {}
    stack = [source]
    while stack:
        one = stack.pop()
        node = one.node if isinstance(one, NewOutput) else one
        if isinstance(node, NewNode) and id(node) not in found:
            found[id(node)] = node
            stack += node.inputs
    return list(found.values())


def _atom(number: Number) -> Atom | None:
    return number.only if isinstance(number, Size) else None


def _multiplied(parts: Sequence[Tensor]) -> Tensor:
    whole = parts[0]
    for part in parts[1:]:
        whole = whole * part
    return whole
