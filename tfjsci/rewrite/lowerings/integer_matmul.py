"""MatMul of integers  ->  Cast(MatMul of floats)

wasm multiplies floats only. Exact as long as products and sums stay below 2²⁴: what webgl computes anyway.
"""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.build import Tensor, cast, matmul
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

EXACT = 1 << 24
"""Up to here float32 has every whole number."""


def lower(node: Subject) -> Tensor | Declined:
    """Cast both, multiply, cast back."""
    x, y = node.inputs
    if "wasm" not in node.backends:
        return Declined(reason="only wasm can't multiply integers")
    if not x.integer:
        return Declined(reason=f"it is of {x.dtype}, not of integers")
    if any(t.value is not None and t.value.size and np.abs(t.value.astype(np.float64)).max() > EXACT for t in (x, y)):
        return Declined(reason="a constant operand has integers above 2²⁴, which float32 hasn't got")
    product = matmul(
        cast(x, "float32"),
        cast(y, "float32"),
        adjoint_x=node.flag("adj_x", False) or node.flag("transpose_a", False),
        adjoint_y=node.flag("adj_y", False) or node.flag("transpose_b", False),
    )
    return cast(product, x.dtype)


LOWERING = Lowering(
    name="integer_matmul",
    ops=("MatMul", "BatchMatMul", "BatchMatMulV2"),
    equation="MatMul(x, y) → Cast(MatMul(Cast(x), Cast(y))), for integers on wasm",
    lower=lower,
    accuracy="exact while sums stay below 2²⁴",
)
