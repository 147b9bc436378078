"""ExtractImagePatches(x)  ->  reshape(patches(x)), and ExtractVolumePatches alike

Patches that lie side by side (stride = size) are a Reshape, a Transpose and a Reshape; where they overlap, a Gather for each
dimension comes before.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, dims, product, reshape
from tfjsci.rewrite.formulas.patches import patches
from tfjsci.rewrite.formulas.windows import window_of
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """At most a Pad, a Gather for each dimension, and a Transpose."""
    window = window_of(node, dilations="rates")
    if isinstance(window, Declined):
        return window
    (x,) = node.inputs
    seen = patches(x, window, node.numbers("ksizes")[1:-1])
    *places, taps, channels = dims(seen)
    return reshape(seen, [*places, product([taps, channels])])


LOWERING = Lowering(
    name="extract_patches",
    ops=("ExtractImagePatches", "ExtractVolumePatches"),
    equation="ExtractImagePatches(x) → Reshape(Transpose(Reshape(Gather(x, rows and columns))))",
    lower=lower,
)
