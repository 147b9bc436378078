"""Complex numbers as pairs of real ones: the parts of a complex tensor, and the complex tensor of two parts.

What is lowered gives Complex(f(Real x, Imag x), g(Real x, Imag x)). Real and Imag of a Complex are what it was made of, so
between two lowered ops nothing complex is left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tfjsci.graph.graph import AttrValue, DType, Graph, Node, node_of
from tfjsci.rewrite.build import Tensor, cast, const, make, tensor_of, unary
from tfjsci.rewrite.lowering import Subject
from tfjsci.rewrite.rule import Declined

PART = {"complex64": "float32", "complex128": "float64"}
"""Complex dtype -> the dtype of its two parts."""

WHOLE = {part: whole for whole, part in PART.items()}

NOT_COMPLEX = Declined(reason="its numbers aren't complex")


@dataclass(frozen=True, kw_only=True)
class Parts:
    """``imag`` is None where it is 0 everywhere."""

    real: Tensor
    imag: Tensor | None = None

    @property
    def made_imag(self) -> Tensor:
        """The imaginary part, zeros written out."""
        return zeros_like(self.real) if self.imag is None else self.imag

    @property
    def conjugate(self) -> Parts:
        """a - ib."""
        return Parts(real=self.real, imag=None if self.imag is None else -self.imag)


def is_complex(node: Subject, index: int = 0) -> bool:
    """Whether an input holds complex numbers."""
    return index < len(node.node.inputs) and (node.dtype(index, "") or "") in PART


def parts_of(node: Subject, index: int = 0) -> Parts:
    """The parts of a complex input (a real one is its own): those that it was made of, where that is known."""
    x = node.inputs[index]
    if x.dtype not in PART:
        return Parts(real=x)
    value = node.value(index)
    if value is not None:
        real, imag = np.real(value).copy(), np.imag(value).copy()
        return Parts(real=const(real), imag=const(imag) if imag.any() else None)
    made = _maker(node.graph, node.node.inputs[index])
    if made.op == "Complex":
        first, second = made.inputs
        return Parts(
            real=tensor_of(node.graph, first),
            imag=None if _is_zero(node.graph, second) else tensor_of(node.graph, second),
        )
    if made.op == "Cast" and (known := node.graph.type_of(made.inputs[0])) is not None and known.dtype not in PART:
        return Parts(real=cast(tensor_of(node.graph, made.inputs[0]), PART[x.dtype]))
    return Parts(real=part("Real", x), imag=part("Imag", x))


def part(op: str, x: Tensor) -> Tensor:
    """Real or Imag of a complex tensor."""
    dtype = PART[x.dtype]
    return make(op, [x], dtype=dtype, shape=x.shape, T=DType(x.dtype), Tout=DType(dtype))


def complex_of(parts: Parts) -> Tensor:
    """The complex tensor of these parts, which have one shape."""
    real, imag = parts.real, parts.made_imag
    whole = WHOLE[real.dtype]
    shape = imag.shape if real.shape is None else real.shape
    return make("Complex", [real, imag], dtype=whole, shape=shape, T=DType(real.dtype), Tout=DType(whole))


def zeros_like(x: Tensor) -> Tensor:
    """Zeros in the shape of ``x``."""
    return unary("ZerosLike", x)


def squared_size(x: Parts) -> Tensor:
    """|z|²."""
    whole = unary("Square", x.real)
    return whole if x.imag is None else whole + unary("Square", x.imag)


def part_attrs(node: Node) -> dict[str, AttrValue]:
    """A node's attributes with the parts' dtype in the place of the complex one."""
    return {name: _part_dtype(value) for name, value in node.attrs.items()}


def _part_dtype(value: AttrValue) -> AttrValue:
    if isinstance(value, tuple):
        return tuple(DType(PART[v.name]) if isinstance(v, DType) and v.name in PART else v for v in value)
    return DType(PART[value.name]) if isinstance(value, DType) and value.name in PART else value


def _maker(graph: Graph, tensor: str) -> Node:
    return graph[node_of(tensor)]


def _is_zero(graph: Graph, tensor: str) -> bool:
    constant = graph.constant(tensor)
    return not constant.value.any() if constant is not None else _maker(graph, tensor).op == "ZerosLike"
