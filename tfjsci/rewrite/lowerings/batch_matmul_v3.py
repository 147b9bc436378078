"""BatchMatMulV3(x, y)  ->  BatchMatMulV2(Cast(x), Cast(y))

in the dtype of the result. Keras' int8 layers make it: bytes multiplied, int32 summed. In the runtime every integer is int32
and every float float32, so most casts do nothing; what is exact in float32 is computed there, which every backend can.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, cast, matmul
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

BYTES = frozenset({"int8", "uint8"})

EXACT_TERMS = (1 << 24) // (255 * 255)
"""So many products of two bytes sum up exactly in float32."""


def lower(node: Subject) -> Tensor | Declined:
    """Cast, multiply."""
    x, y = node.inputs
    made = node.dtype_attr("Tout")
    if made is None:
        return Declined(reason="the dtype of its result isn't known")
    adjoint_x, adjoint_y = node.flag("adj_x", False), node.flag("adj_y", False)
    inner = x.sizes[-2 if adjoint_x else -1]
    small = {x.dtype, y.dtype} <= BYTES and inner is not None and inner <= EXACT_TERMS
    through = "float32" if small else made
    product = matmul(cast(x, through), cast(y, through), adjoint_x=adjoint_x, adjoint_y=adjoint_y)
    return cast(product, made)


LOWERING = Lowering(
    name="batch_matmul_v3",
    ops=("BatchMatMulV3",),
    equation="BatchMatMulV3(x, y) → BatchMatMulV2(Cast(x), Cast(y))",
    lower=lower,
    accuracy="integers: exact while sums stay below 2²⁴",
)
