"""AdjustHue(rgb, delta)  ->  min(rgb) + range · pure(hue + delta), pure(h) being the colour of the hue"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, cast, dims, reshape, unary
from tfjsci.rewrite.formulas.colours import channels_of_hue, hue_of, value_and_range
from tfjsci.rewrite.lowering import Lowering, Subject


def lower(node: Subject) -> Tensor:
    """The hue of each pixel, turned, and its colour with the pixel's smallest and largest channel."""
    images, delta = node.inputs
    rgb = reshape(images, [-1, 3])  # rows of pixels: the GPU backends select in at most 4 dimensions
    value, spread = value_and_range(rgb)
    turned = hue_of(rgb, value, spread) + cast(delta, rgb.dtype)
    turned = turned - unary("Floor", turned)
    return reshape(value - spread + spread * channels_of_hue(turned), dims(images))


LOWERING = Lowering(
    name="adjust_hue",
    ops=("AdjustHue",),
    equation="AdjustHue(rgb, δ) → min + (max − min) · pure(hue + δ)",
    lower=lower,
)
