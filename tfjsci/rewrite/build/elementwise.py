"""Elementwise ops by name, where arithmetic signs don't say it."""

from __future__ import annotations

from collections.abc import Sequence

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build.tensor import Operand, Tensor, binary, broadcast, const, make, unary


def cast(x: Tensor, dtype: str) -> Tensor:
    """``x`` in another dtype; itself where it has it already."""
    if x.dtype == dtype:
        return x
    return make("Cast", [x], dtype=dtype, shape=x.shape, SrcT=DType(x.dtype), DstT=DType(dtype), Truncate=False)


def where(condition: Tensor, yes: Operand, no: Operand) -> Tensor:
    """``yes`` where the condition holds, ``no`` elsewhere (SelectV2)."""
    if not isinstance(yes, Tensor):
        assert isinstance(no, Tensor), "one of the two must say the dtype"
        yes = const(yes, no.dtype)
    if not isinstance(no, Tensor):
        no = const(no, yes.dtype)
    shape = broadcast(condition.shape, yes.shape, no.shape)
    return make("SelectV2", [condition, yes, no], dtype=yes.dtype, shape=shape, T=DType(yes.dtype))


def equal(x: Operand, y: Operand) -> Tensor:
    """x = y."""
    return binary("Equal", x, y)


def not_equal(x: Operand, y: Operand) -> Tensor:
    """x ≠ y."""
    return binary("NotEqual", x, y)


def both(x: Tensor, y: Tensor) -> Tensor:
    """Logical and."""
    return binary("LogicalAnd", x, y)


def either(x: Tensor, y: Tensor) -> Tensor:
    """Logical or."""
    return binary("LogicalOr", x, y)


def negated(x: Tensor) -> Tensor:
    """Logical not."""
    return unary("LogicalNot", x)


def maximum(x: Operand, y: Operand) -> Tensor:
    """The larger of the two."""
    return binary("Maximum", x, y)


def minimum(x: Operand, y: Operand) -> Tensor:
    """The smaller of the two."""
    return binary("Minimum", x, y)


def floor_div(x: Operand, y: Operand) -> Tensor:
    """x / y, rounded towards minus infinity."""
    return binary("FloorDiv", x, y)


def floor_mod(x: Operand, y: Operand) -> Tensor:
    """What is left of x / y, with the sign of y."""
    return binary("FloorMod", x, y)


def polynomial(x: Tensor, coefficients: Sequence[float]) -> Tensor:
    """c₀ + c₁ x + c₂ x² + …, by Horner's rule."""
    result = x * coefficients[-1] + coefficients[-2]
    for coefficient in coefficients[-3::-1]:
        result = result * x + coefficient
    return result


def identity(x: Tensor) -> Tensor:
    """The same tensor under another node."""
    return make("Identity", [x], dtype=x.dtype, shape=x.shape, T=DType(x.dtype))
