"""ClipByValue(x, low, high)  ->  Maximum(Minimum(x, high), low)"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, maximum, minimum
from tfjsci.rewrite.lowering import Lowering, Subject


def lower(node: Subject) -> Tensor:
    """Maximum last: where the bounds are the wrong way round, the lower one holds, as in TensorFlow."""
    x, low, high = node.inputs
    return maximum(minimum(x, high), low)


LOWERING = Lowering(
    name="clip",
    ops=("ClipByValue",),
    equation="ClipByValue(x, low, high) → Maximum(Minimum(x, high), low)",
    lower=lower,
)
