"""A tensor as a lowering writes with it: new nodes come of arithmetic on old ones, their attributes filled in.

``1 - unary("Erf", x)`` is a Sub and an Erf with the right ``T``, and a Const. What is known of dtype and shape goes along, so
that a lowering can ask for it. Everything here is an op that TensorFlow has, too: a lowered graph can be run by TensorFlow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from tfjsci.graph.graph import Array, AttrValue, Constant, DType, Graph, Shape, dtype_name, normal
from tfjsci.rewrite.rule import NewConst, NewNode, NewOutput, Source


class UnknownShapeError(Exception):
    """What has to be built depends on a rank or size that isn't known: the lowering is declined, with this as its reason."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Tensor:
    """``source`` makes it; ``shape`` has None for sizes that only a run tells; ``value`` is there for a constant."""

    source: Source
    dtype: str
    shape: Shape
    value: Array | None = None

    @property
    def rank(self) -> int:
        """How many dimensions. Raises ``UnknownShapeError``."""
        return len(self.sizes)

    @property
    def sizes(self) -> tuple[int | None, ...]:
        """The shape. Raises ``UnknownShapeError`` when not even the rank is known."""
        if self.shape is None:
            raise UnknownShapeError("the number of dimensions isn't known")
        return self.shape

    @property
    def static_sizes(self) -> tuple[int, ...]:
        """The shape where every size is known. Raises ``UnknownShapeError``."""
        known = tuple(size for size in self.sizes if size is not None)
        if len(known) < self.rank:
            raise UnknownShapeError("a size isn't known before the model runs")
        return known

    @property
    def integer(self) -> bool:
        """Whether it holds whole numbers."""
        return self.dtype.startswith(("int", "uint"))

    @property
    def floating(self) -> bool:
        """Whether it holds floats."""
        return self.dtype.startswith(("float", "bfloat"))

    def __add__(self, other: Operand) -> Tensor:
        return binary("AddV2", self, other)

    def __radd__(self, other: Operand) -> Tensor:
        return binary("AddV2", other, self)

    def __sub__(self, other: Operand) -> Tensor:
        return binary("Sub", self, other)

    def __rsub__(self, other: Operand) -> Tensor:
        return binary("Sub", other, self)

    def __mul__(self, other: Operand) -> Tensor:
        return binary("Mul", self, other)

    def __rmul__(self, other: Operand) -> Tensor:
        return binary("Mul", other, self)

    def __truediv__(self, other: Operand) -> Tensor:
        return binary("RealDiv", self, other)

    def __rtruediv__(self, other: Operand) -> Tensor:
        return binary("RealDiv", other, self)

    def __neg__(self) -> Tensor:
        return unary("Neg", self)

    def __lt__(self, other: Operand) -> Tensor:
        return binary("Less", self, other)

    def __le__(self, other: Operand) -> Tensor:
        return binary("LessEqual", self, other)

    def __gt__(self, other: Operand) -> Tensor:
        return binary("Greater", self, other)

    def __ge__(self, other: Operand) -> Tensor:
        return binary("GreaterEqual", self, other)


Operand: TypeAlias = "Tensor | float"
"""A plain number takes the other operand's dtype."""

Dim: TypeAlias = "int | Tensor"
"""A size: known now, or an int32 scalar of the run."""

COMPARING = frozenset(
    {"Equal", "NotEqual", "Less", "LessEqual", "Greater", "GreaterEqual", "LogicalAnd", "LogicalOr", "LogicalNot",
     "IsNan", "IsInf", "IsFinite"}
)  # fmt: skip
"""Elementwise ops whose result is bool."""

_UNTYPED = frozenset({"LogicalAnd", "LogicalOr", "LogicalNot"})


def tensor_of(graph: Graph, name: str) -> Tensor:
    """A tensor that is in the graph. Raises ``UnknownShapeError`` when not even its dtype is known."""
    known = graph.type_of(name)
    constant = graph.constant(name)
    if known is None:
        raise UnknownShapeError(f"the dtype of {name} isn't known")
    return Tensor(
        source=normal(name), dtype=known.dtype, shape=known.shape, value=None if constant is None else constant.value
    )


def const(value: Any, dtype: str | None = None) -> Tensor:
    """A new constant; plain floats are float32 and whole numbers int32 unless told."""
    if dtype is None and not isinstance(value, (np.ndarray, np.generic)):
        kind = np.asarray(value).dtype.kind
        dtype = {"f": "float32", "i": "int32"}.get(kind)
    array = np.array(value, dtype=None if dtype is None else np.dtype(dtype))
    return Tensor(
        source=NewConst(name="", constant=Constant(value=array)),
        dtype=dtype_name(array),
        shape=array.shape,
        value=array,
    )


def make(op: str, inputs: Sequence[Tensor], *, dtype: str, shape: Shape, **attrs: AttrValue) -> Tensor:
    """A new node with one output; ``attrs`` as TensorFlow asks for them, the type attributes among them."""
    node = NewNode(name="", op=op, inputs=tuple(t.source for t in inputs), attrs=attrs)
    return Tensor(source=node, dtype=dtype, shape=shape)


def make_many(
    op: str, inputs: Sequence[Tensor], types: Sequence[tuple[str, Shape]], **attrs: AttrValue
) -> tuple[Tensor, ...]:
    """A new node with an output for each (dtype, shape) of ``types``."""
    node = NewNode(name="", op=op, inputs=tuple(t.source for t in inputs), attrs=attrs)
    return tuple(
        Tensor(source=node if i == 0 else NewOutput(node=node, index=i), dtype=dtype, shape=shape)
        for i, (dtype, shape) in enumerate(types)
    )


def unary(op: str, x: Tensor) -> Tensor:
    """An elementwise op of one input."""
    attrs = {} if op in _UNTYPED else {"T": DType(x.dtype)}
    return make(op, [x], dtype="bool" if op in COMPARING else x.dtype, shape=x.shape, **attrs)


def binary(op: str, x: Operand, y: Operand) -> Tensor:
    """An elementwise op of two inputs, spread over one another as numpy does."""
    x, y = _both(x, y)
    attrs: dict[str, AttrValue] = {} if op in _UNTYPED else {"T": DType(x.dtype)}
    if op in ("Equal", "NotEqual"):
        attrs["incompatible_shape_error"] = True
    dtype = "bool" if op in COMPARING else x.dtype
    return make(op, [x, y], dtype=dtype, shape=broadcast(x.shape, y.shape), **attrs)


def _both(x: Operand, y: Operand) -> tuple[Tensor, Tensor]:
    if isinstance(x, Tensor):
        y = y if isinstance(y, Tensor) else const(y, x.dtype)
        assert x.dtype == y.dtype, f"{x.dtype} with {y.dtype}: a lowering must cast"
        return x, y
    assert isinstance(y, Tensor), "two plain numbers need no graph"
    return const(x, y.dtype), y


def broadcast(*shapes: Shape) -> Shape:
    """The shape of what comes of spreading these over one another, as far as it is known."""
    if any(shape is None for shape in shapes):
        return None
    known = [shape for shape in shapes if shape is not None]
    rank = max((len(shape) for shape in known), default=0)
    sizes: list[int | None] = []
    for axis in range(-rank, 0):
        here = {shape[axis] for shape in known if len(shape) >= -axis} - {1}
        certain = {size for size in here if size is not None}
        sizes.append(next(iter(certain)) if certain else None if here else 1)
    return tuple(sizes)
