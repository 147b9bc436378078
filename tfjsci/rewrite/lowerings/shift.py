"""LeftShift(x, n)  ->  x · 2ⁿ;  RightShift(x, n)  ->  ⌊x / 2ⁿ⌋

As in TensorFlow, n is held between 0 and the number of bits less one.
"""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.build import Tensor, cast, const, floor_div, gather, maximum, minimum
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

_BITS = {"int8": 8, "uint8": 8, "int16": 16, "uint16": 16, "int32": 32, "int64": 32}
"""int64 has 32 here: the runtime holds it as int32."""


def lower(node: Subject) -> Tensor | Declined:
    """Mul, or FloorDiv twice where n isn't one number: 2³¹ itself is no int32."""
    x, n = node.inputs
    if x.dtype not in _BITS:
        return Declined(reason=f"the runtime has no {x.dtype}")
    most = _BITS[x.dtype] - 1
    shifts = range(most + 1)
    held = maximum(minimum(cast(n, "int32"), most), 0)
    whole = cast(x, "int32")
    if node.op == "LeftShift":
        return cast(whole * _power(held, shifts), x.dtype)
    if n.value is not None and n.value.size == 1:
        known = min(max(int(n.value.reshape(-1)[0]), 0), most)
        if known < 31:
            return cast(floor_div(whole, _power(held, shifts)), x.dtype)
    half = floor_div(whole, _power(held, [k - k // 2 for k in shifts]))
    return cast(floor_div(half, _power(held, [k // 2 for k in shifts])), x.dtype)


def _power(n: Tensor, exponents: list[int] | range) -> Tensor:
    """2 to the power of ``exponents[n]``, as int32: looked up. Of a constant it is computed ahead."""
    return gather(const(np.array([2**k for k in exponents]).astype(np.int32)), n)


LOWERING = Lowering(
    name="shift",
    ops=("LeftShift", "RightShift"),
    equation="LeftShift(x, n) → x · 2ⁿ; RightShift(x, n) → ⌊x / 2ⁿ⌋",
    lower=lower,
    accuracy="exact as far as the backend's integers are: on webgl, which holds them in floats, for |x| < 2²³",
    limits="uint32 and uint64, which the runtime hasn't got",
)
