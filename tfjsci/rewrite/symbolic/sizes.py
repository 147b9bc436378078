"""All of a graph at once: each tensor's shape, and what its small whole-number tensors hold, as expressions.

What TensorFlow's inference tells is taken where it is a number; it loses what is multiplied or gathered (``tensordot``), and an
open size is to it any size, while here the batch is the batch wherever it comes back.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np

from tfjsci.graph.graph import DType, Graph, Node, ShapeAttr, TensorType, normal
from tfjsci.rewrite.build.tensor import COMPARING
from tfjsci.rewrite.symbolic.asked import Asked, Dims, Table, Values, array
from tfjsci.rewrite.symbolic.shapes import SHAPES
from tfjsci.rewrite.symbolic.size import Dimension, Element, Number, Size, TooLongError, of
from tfjsci.rewrite.symbolic.values import MOST, VALUES, WHOLE

LONGEST = 48
"""Atoms of an expression that is kept: what a net reckons with has a dozen."""

LARGEST = 2**40
"""Of its coefficients: with those that are kept, rules can reckon without looking out for ``TooLongError``."""


class Sizes:
    """What is known of ``graph``'s tensors. It keeps neither the graph nor its weights alive."""

    def __init__(self, graph: Graph) -> None:
        self._shapes: dict[str, Dims | None] = {}
        self._values: dict[str, Values | None] = {}
        for node in graph.nodes:
            self._visit(graph, node)

    def shape(self, tensor: str) -> Dims | None:
        """How large each dimension is; None where not even the rank is known."""
        return self._shapes.get(normal(tensor))

    def value(self, tensor: str) -> Values | None:
        """What the tensor holds; None where it isn't a small one of whole numbers or bools."""
        return self._values.get(normal(tensor))

    def ints(self, tensor: str) -> Values | None:
        """The same, where every number is known."""
        value = self.value(tensor)
        return None if value is None or not all(isinstance(n, int) for n in value.reshape(-1)) else value

    def _visit(self, graph: Graph, node: Node) -> None:
        if node.op == "Const":
            value = graph.constants[node.name].value
            self._shapes[node.name] = value.shape
            self._values[node.name] = array(value) if value.dtype.name in WHOLE and value.size <= MOST else None
            return
        asked = Asked(graph, node, self.shape, self.value)
        told = graph.types.get(node.name)
        known_already = told is not None and told.shape is not None and None not in told.shape
        shapes = _told(SHAPES, asked) if not known_already else []
        for i, tensor in enumerate(_outputs(graph, node, len(shapes))):
            known = graph.type_of(tensor)
            self._shapes[tensor] = _dims(tensor, known, shapes[i] if i < len(shapes) else None, node)
        values = _told(VALUES, asked) if _dtype(graph, node, node.name) in WHOLE else []
        for i, tensor in enumerate(_outputs(graph, node, len(values))):
            if (dtype := _dtype(graph, node, tensor)) in WHOLE:
                found = values[i] if i < len(values) else None
                self._values[tensor] = _filled_up(tensor, dtype, found, self._shapes.get(tensor))
                if found is not None:
                    self._shapes[tensor] = found.shape


_LAST: dict[str, tuple[weakref.ref[Graph], Sizes]] = {}
"""The graph that was asked about last: the rules of one sweep all ask about the same."""


def sizes_of(graph: Graph) -> Sizes:
    """What is known of the graph's tensors; worked out once a graph."""
    if "last" in _LAST and _LAST["last"][0]() is graph:
        return _LAST["last"][1]
    made = Sizes(graph)
    _LAST["last"] = (weakref.ref(graph), made)
    return made


def sharpened(graph: Graph) -> dict[str, TensorType]:
    """The graph's types with what is known here beyond them: sizes that are numbers, and ranks."""
    sizes = sizes_of(graph)
    types = dict(graph.types)
    for tensor, known in graph.types.items():
        if known.shape is None or None in known.shape:
            dims = sizes.shape(tensor)
            if dims is not None:
                shape = tuple(n if isinstance(n, int) else None for n in dims)
                if shape != known.shape:
                    types[tensor] = TensorType(dtype=known.dtype, shape=shape)
    return types


def _dtype(graph: Graph, node: Node, tensor: str) -> str:
    """As inferred, else as the attributes say it."""
    known = graph.type_of(tensor)
    if known is not None:
        return known.dtype
    if node.op in COMPARING:
        return "bool"
    for name in ("out_type", "DstT", "T", "dtype", "Tparams", "Tidx"):
        if isinstance(attr := node.attrs.get(name), DType):
            return attr.name
    return ""


def _told(table: Table, asked: Asked) -> Sequence[Any]:
    """What the table tells of each result of the node; nothing where that would be too long to say."""
    try:
        return _each(table[asked.node.op](asked)) if asked.node.op in table else []
    except TooLongError:
        return []


def _short(number: Any) -> bool:
    """Whether it isn't better to give it a name of its own."""
    if not isinstance(number, Size):
        return True
    return number.weight <= LONGEST and max(abs(factor) for _, factor in number.terms) <= LARGEST


def _each(result: Any) -> Sequence[Any]:
    """What a table's function gave, as one entry for each result of the node."""
    return result if isinstance(result, list) else [] if result is None else [result]


def _outputs(graph: Graph, node: Node, count: int) -> list[str]:
    """The tensors that the node makes, as far as anything is known of them."""
    found = [node.name]
    while (tensor := f"{node.name}:{len(found)}") in graph.types or len(found) < count:
        found.append(tensor)
    return found


def _dims(tensor: str, known: TensorType | None, found: Sequence[Number | None] | None, node: Node) -> Dims | None:
    """The dimensions: a number where one is told by either side, else the expression, else a name of its own."""
    inferred = None if known is None else known.shape
    if inferred is None and node.op == "Placeholder" and isinstance(attr := node.attrs.get("shape"), ShapeAttr):
        inferred = attr.shape
    if found is None:
        found = (None,) * len(inferred) if inferred is not None else None
    if found is None:
        return None
    if inferred is None or len(inferred) != len(found):
        inferred = (None,) * len(found)
    dims: list[Number] = []
    for axis, (told, ours) in enumerate(zip(inferred, found, strict=True)):
        kept = ours if ours is not None and _short(ours) else of(Dimension(tensor, axis))
        dims.append(told if told is not None else kept)
    return tuple(dims)


def _filled_up(tensor: str, dtype: str, found: Values | None, dims: Dims | None) -> Values | None:
    """The values, with a name for each number that isn't known or doesn't fit its dtype."""
    if found is None:
        if dims is None or not all(isinstance(n, int) for n in dims):
            return None
        shape = tuple(n for n in dims if isinstance(n, int))
        if int(np.prod(shape)) > MOST:
            return None
        found = np.full(shape, None, object)
    fits = range(-(2**63), 2**63) if dtype == "int64" else range(-(2**31), 2**31)
    flat: list[Any] = [
        of(Element(tensor, i)) if n is None or not _short(n) or (isinstance(n, int) and n not in fits) else n
        for i, n in enumerate(found.reshape(-1))
    ]
    filled = np.empty(len(flat), object)
    filled[:] = flat
    return filled.reshape(found.shape)
