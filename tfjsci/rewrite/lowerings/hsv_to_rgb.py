"""HSVToRGB(h, s, v)  ->  v · (1 - s + s · pure(h)), pure(h) being the colour of the hue"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, split
from tfjsci.rewrite.formulas.colours import channels_of_hue
from tfjsci.rewrite.lowering import Lowering, Subject


def lower(node: Subject) -> Tensor:
    """Abs, Minimum and Maximum for the hue, the rest is arithmetic."""
    hue, saturation, value = split(node.inputs[0], 3, -1)
    return (1 - saturation + saturation * channels_of_hue(hue)) * value


LOWERING = Lowering(
    name="hsv_to_rgb",
    ops=("HSVToRGB",),
    equation="HSVToRGB(h, s, v) → v · (1 − s + s · pure(h))",
    lower=lower,
)
