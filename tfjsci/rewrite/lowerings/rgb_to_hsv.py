"""RGBToHSV(rgb)  ->  hue, range / value, value, with value = max(rgb) and range = value - min(rgb)"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, binary, concat, dims, maximum, reshape
from tfjsci.rewrite.formulas.colours import hue_of, value_and_range
from tfjsci.rewrite.lowering import Lowering, Subject


def lower(node: Subject) -> Tensor:
    """Max, Min, and the hue by which channel is the largest."""
    rgb = reshape(node.inputs[0], [-1, 3])  # rows of pixels: the GPU backends select in at most 4 dimensions
    value, spread = value_and_range(rgb)
    saturation = binary("DivNoNan", spread, maximum(value, 0))
    return reshape(concat([hue_of(rgb, value, spread), saturation, value], -1), dims(node.inputs[0]))


LOWERING = Lowering(
    name="rgb_to_hsv",
    ops=("RGBToHSV",),
    equation="RGBToHSV(rgb) → hue, (max − min) / max, max",
    lower=lower,
)
