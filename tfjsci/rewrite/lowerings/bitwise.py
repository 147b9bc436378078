"""BitwiseAnd, BitwiseOr, BitwiseXor of x, y  ->  the same of each bit, as numbers 0 and 1, put together again

A number is cut into two halves of 16 bits, the upper one with the sign: each bit, and each half's sum, is exact on a
backend that computes in floats, too. x & (2ᵏ - 1) is FloorMod(x, 2ᵏ).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tfjsci.graph.graph import node_of
from tfjsci.rewrite.build import (
    Tensor,
    cast,
    const,
    dims,
    floor_div,
    floor_mod,
    maximum,
    reduce,
    reshape,
    stack,
    unary,
)
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

_OF_BITS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "BitwiseAnd": lambda a, b: a * b,
    "BitwiseOr": maximum,
    "BitwiseXor": lambda a, b: unary("Abs", a - b),
}
_HALF = 1 << 16
_POWERS = 2 ** np.arange(16, dtype=np.int32)
_WEIGHTS = np.stack([_POWERS, np.append(_POWERS[:-1], -(2**15)) * np.int64(_HALF)]).astype(np.int32)


def lower(node: Subject) -> Tensor | Declined:
    """FloorDiv by the powers of two, FloorMod 2, the op, and two sums."""
    x, y = node.inputs
    if x.dtype in ("uint32", "uint64"):
        return Declined(reason=f"the runtime has no {x.dtype}")
    if any(node.graph[node_of(name)].op == "Bitcast" for name in node.node.inputs):
        return Declined(reason="of a float's bits only the sign can be had")
    if node.op == "BitwiseAnd":
        for value, mask in ((x, y.value), (y, x.value)):
            if mask is not None and mask.size == 1 and mask.ndim == 0 and _is_low_bits(int(mask)):
                return cast(floor_mod(cast(value, "int32"), int(mask) + 1), x.dtype)
    a, b = _alike(cast(x, "int32"), cast(y, "int32"))
    bits = _OF_BITS[node.op](_bits(a), _bits(b))
    total = reduce("Sum", reduce("Sum", bits * const(_WEIGHTS), [2]), [1])
    return cast(reshape(total, dims(a if a.value is None else b)), x.dtype)


def _is_low_bits(mask: int) -> bool:
    return 0 < mask < 2**30 and mask & (mask + 1) == 0


def _alike(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Both in their common shape; a constant of one number can stay that."""
    if x.shape == y.shape and None not in x.sizes:
        return x, y
    if x.value is not None and x.value.size == 1 and x.rank <= y.rank:
        return x, y
    if y.value is not None and y.value.size == 1 and y.rank <= x.rank:
        return x, y
    return x + y * 0, y + x * 0


def _bits(x: Tensor) -> Tensor:
    """[n, 2, 16]: of each number the bits of the lower half, then of the upper."""
    flat = reshape(x, [-1])
    low = floor_mod(flat, _HALF)
    halves = stack(
        [low, floor_div(flat - low, _HALF)], 1
    )  # the difference is a multiple: a float's rounding can't hurt
    return floor_mod(floor_div(reshape(halves, [-1, 2, 1]), const(_POWERS)), 2)


LOWERING = Lowering(
    name="bitwise",
    ops=tuple(_OF_BITS),
    equation="BitwiseAnd(x, y) → Σ 2ⁱ · (bit i of x) · (bit i of y); Or and Xor likewise",
    lower=lower,
    accuracy="exact as far as the backend's integers are: on webgl, which holds them in floats, for numbers within ±2²³",
    limits="uint32 and uint64, which the runtime hasn't got; the bits of floats",
)
