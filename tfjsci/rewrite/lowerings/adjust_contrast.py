"""AdjustContrastv2(x, factor)  ->  mean + factor · (x - mean), the mean being that of each channel of each image"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, cast, reduce
from tfjsci.rewrite.lowering import Lowering, Subject


def lower(node: Subject) -> Tensor:
    """Mean, Sub, Mul and AddV2."""
    x, factor = node.inputs
    mean = reduce("Mean", x, [-3, -2], keep=True)
    return mean + cast(factor, x.dtype) * (x - mean)


LOWERING = Lowering(
    name="adjust_contrast",
    ops=("AdjustContrastv2",),
    equation="AdjustContrastv2(x, f) → mean + f · (x − mean)",
    lower=lower,
)
