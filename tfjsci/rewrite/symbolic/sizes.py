"""All of a graph at once: each tensor's shape, and what its small whole-number tensors hold, as expressions.

What TensorFlow's inference tells is taken where it is a number; it loses what is multiplied or gathered (``tensordot``), and an
open size is to it any size, while here the batch is the batch wherever it comes back.

Rewriting asks after each change. What was known of a node holds as long as the node is the same, what is inferred of it, and
what is known of what it reads: so only what has changed is looked at anew, and what is behind it, up to where the same comes out.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np

from tfjsci.graph.changed import Seen
from tfjsci.graph.graph import DType, Graph, Node, ShapeAttr, TensorType, dtype_name, node_of, normal
from tfjsci.graph.history import Changed, History
from tfjsci.graph.in_order import InOrder
from tfjsci.graph.once_a_graph import once_a_graph
from tfjsci.graph.watched import Watched
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
    """What is known of ``graph``'s tensors. It keeps neither the graph nor its weights alive.

    ``before`` is what was known of a graph that this one has much in common with.
    """

    def __init__(self, graph: Graph, before: Sizes | None = None) -> None:
        self._shapes: dict[str, Dims | None] = {}
        self._values: dict[str, Values | None] = {}
        self._made: dict[str, tuple[str, ...]] = {}
        """Node -> its tensors of which something is known."""
        self._as_good: dict[str, TensorType] = {}
        """Tensor -> another type of it that tells the same: what was inferred, and what that was sharpened to, take turns."""
        self._seen = Seen(graph)
        self._history = History()
        """Of what is known here: the names of the nodes of which something else is."""
        if before is None or any(node.op == "Merge" for node in graph.nodes):  # a circle has no order to follow
            for node in graph.nodes:
                self._visit(graph, node)
        else:
            self._shapes, self._values, self._made = dict(before._shapes), dict(before._values), dict(before._made)
            self._as_good = dict(before._as_good)
            self._follow(graph, before)

    def shape(self, tensor: str) -> Dims | None:
        """How large each dimension is; None where not even the rank is known."""
        return self._shapes[tensor] if tensor in self._shapes else self._shapes.get(normal(tensor))

    def value(self, tensor: str) -> Values | None:
        """What the tensor holds; None where it isn't a small one of whole numbers or bools."""
        return self._values[tensor] if tensor in self._values else self._values.get(normal(tensor))

    def ints(self, tensor: str) -> Values | None:
        """The same, where every number is known."""
        value = self.value(tensor)
        return None if value is None or not all(isinstance(n, int) for n in value.reshape(-1)) else value

    def _follow(self, graph: Graph, before: Sizes) -> None:
        """Look at what has changed, and at what is behind that."""
        moved = before._seen.gone(graph)
        for name in moved:
            self._forget(name)
        open_ = before._seen.other_nodes(graph)
        for tensor in before._seen.other_types(graph):
            if tensor in before._as_good and before._as_good[tensor] == graph.types.get(tensor):
                self._as_good[tensor] = before._seen.types[tensor]
            elif tensor not in graph.constants:  # of which its value tells all
                open_.add(node_of(tensor))
        order = InOrder(graph, open_)
        for node in order:
            self._forget(node.name)
            self._visit(graph, node)
            if not self._settle(node.name, before):
                moved.add(node.name)
                order.add(reader.name for reader in graph.readers.get(node.name, ()))
        self._history = History(before._history, Changed(nodes=moved))

    def _forget(self, name: str) -> None:
        for tensor in self._made.pop(name, ()):
            for known in (self._shapes, self._values, self._as_good):
                known.pop(tensor, None)

    def _settle(self, name: str, before: Sizes) -> bool:
        """Whether the same came out as before."""
        return self._made[name] == before._made.get(name) and all(
            self._shapes.get(tensor) == before._shapes.get(tensor)
            and _alike(self._values.get(tensor), before._values.get(tensor))
            for tensor in self._made[name]
        )

    def sharpened(self, tensor: str, known: TensorType) -> TensorType:
        """``known``, which the graph has, with what is known here beyond it: sizes that are numbers, and the rank."""
        dims = self.shape(tensor)
        if dims is None or (known.shape is not None and None not in known.shape):
            return known
        shape = tuple(n if isinstance(n, int) else None for n in dims)
        if shape == known.shape:
            return known
        if tensor not in self._as_good or self._as_good[tensor] != TensorType(dtype=known.dtype, shape=shape):
            self._as_good[tensor] = TensorType(dtype=known.dtype, shape=shape)
        return self._as_good[tensor]

    def other_than(self, before: Sizes) -> set[str]:
        """The nodes of which something else is known than ``before``."""
        changed = self._history.since(before._history)
        names = self._made.keys() if changed is None else changed.nodes & self._made.keys()
        return {name for name in names if self._other(name, before)}

    def _other(self, name: str, before: Sizes) -> bool:
        return any(
            _moved(before._shapes.get(tensor), self._shapes.get(tensor))
            or not _alike(before._values.get(tensor), self._values.get(tensor))
            for tensor in self._made[name]
        )

    def _visit(self, graph: Graph, node: Node) -> None:
        if node.op == "Const":
            value = graph.constants[node.name].value
            self._shapes[node.name] = value.shape
            self._values[node.name] = array(value) if value.size <= MOST and dtype_name(value) in WHOLE else None
            self._made[node.name] = (node.name,)
            return
        told = graph.types.get(node.name)
        known_already = told is not None and told.shape is not None and None not in told.shape
        if told is not None and known_already and told.dtype not in WHOLE and f"{node.name}:1" not in graph.types:
            self._shapes[node.name] = tuple(n for n in told.shape or () if n is not None)
            self._made[node.name] = (node.name,)
            return
        asked = Asked(graph, node, self.shape, self.value)
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
        self._made[node.name] = tuple(_outputs(graph, node, max(len(shapes), len(values))))


_LAST: dict[tuple[str, ...], tuple[weakref.ref[Graph], Sizes]] = {}
"""By its inputs, the graph that was asked about last: the rules of one sweep all ask about the same, those of the next about what
became of it. The functions of a graph take turns with it."""

_MOST_LAST = 16


class _WatchedSizes(Sizes):
    """The same, asked through a graph that is watched."""

    def __init__(self, sizes: Sizes, graph: Watched) -> None:
        self._sizes, self._asked = sizes, graph.asked

    def shape(self, tensor: str) -> Dims | None:
        self._asked.add(node_of(tensor))
        return self._sizes.shape(tensor)

    def value(self, tensor: str) -> Values | None:
        self._asked.add(node_of(tensor))
        return self._sizes.value(tensor)


def sizes_of(graph: Graph) -> Sizes:
    """What is known of the graph's tensors; worked out once a graph."""
    if isinstance(graph, Watched):
        graph.asks_sizes()
        return _WatchedSizes(sizes_of(graph.unwatched), graph)
    return _worked_out(graph)


@once_a_graph
def _worked_out(graph: Graph) -> Sizes:
    inputs = tuple(node.name for node in graph.nodes if node.op == "Placeholder")
    last = _LAST.pop(inputs, None)
    made = last[1] if last is not None and last[0]() is graph else Sizes(graph, None if last is None else last[1])
    _LAST[inputs] = (weakref.ref(graph), made)
    if len(_LAST) > _MOST_LAST:
        del _LAST[next(iter(_LAST))]
    return made


def sharpened(graph: Graph) -> dict[str, TensorType]:
    """The graph's types with what is known here beyond them: sizes that are numbers, and ranks."""
    sizes = sizes_of(graph)
    return {tensor: sizes.sharpened(tensor, known) for tensor, known in graph.types.items()}


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


def _moved(a: Dims | None, b: Dims | None) -> bool:
    return a is not b and a != b


def _alike(a: Values | None, b: Values | None) -> bool:
    if a is b:
        return True
    if a is None or b is None:
        return False
    return a.shape == b.shape and all(
        type(one) is type(other) and one == other for one, other in zip(a.reshape(-1), b.reshape(-1), strict=True)
    )


def _short(number: Any) -> bool:
    """Whether it isn't better to give it a name of its own."""
    if not isinstance(number, Size):
        return True
    if isinstance(number.only, Dimension):  # nearly always
        return True
    return number.weight <= LONGEST and max(abs(factor) for _, factor in number.terms) <= LARGEST


def _each(result: Any) -> Sequence[Any]:
    """What a table's function gave, as one entry for each result of the node."""
    return result if isinstance(result, list) else [] if result is None else [result]


def _outputs(graph: Graph, node: Node, count: int) -> list[str]:
    """The tensors that the node makes, as far as anything is known of them."""
    found = [node.name]
    if count < 2 and f"{node.name}:1" not in graph.types:
        return found
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
        if told is not None:
            dims.append(told)
        else:
            dims.append(ours if ours is not None and _short(ours) else of(Dimension(tensor, axis)))
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
