"""AdjustSaturation(rgb, scale)  ->  value - (value - rgb) · clip(s · scale, 0, 1) / s, with value = max(rgb), s its saturation

The hue doesn't change, so it needn't be known. What is black or below has no saturation, and becomes grey.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, binary, cast, maximum, minimum
from tfjsci.rewrite.formulas.colours import value_and_range
from tfjsci.rewrite.lowering import Lowering, Subject


def lower(node: Subject) -> Tensor:
    """The distance of each channel from the largest, stretched."""
    rgb, scale = node.inputs
    value, spread = value_and_range(rgb)
    saturation = binary("DivNoNan", spread, maximum(value, 0))
    wanted = minimum(maximum(saturation * cast(scale, rgb.dtype), 0), 1)
    return value - (value - rgb) * binary("DivNoNan", wanted, saturation)


LOWERING = Lowering(
    name="adjust_saturation",
    ops=("AdjustSaturation",),
    equation="AdjustSaturation(rgb, k) → max − (max − rgb) · clip(s · k, 0, 1) / s",
    lower=lower,
)
