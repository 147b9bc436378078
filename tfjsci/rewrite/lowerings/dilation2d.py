"""Dilation2D(x, w)  ->  the largest of patches(x) + w over the taps

wasm begins its maximum at the least positive float, and so loses negative results.
"""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.build import Tensor, dims, product, reduce, reshape
from tfjsci.rewrite.formulas.patches import patches
from tfjsci.rewrite.formulas.windows import window_of
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """Patches with the lowest number as padding, an AddV2 and a Max."""
    window = window_of(node, dilations="rates")
    if isinstance(window, Declined):
        return window
    x, kernel = node.inputs
    if not x.floating:
        return Declined(reason="it is of whole numbers")
    height, width, channels = kernel.static_sizes
    lowest = float(np.finfo(x.dtype).min)
    batch, rows, columns, taps, _ = dims(seen := patches(x, window, (height, width), outside=lowest))
    flat = reshape(seen, [product([batch, rows, columns]), taps, channels])
    best = reduce("Max", flat + reshape(kernel, [taps, channels]), [1])
    return reshape(best, [batch, rows, columns, channels])


LOWERING = Lowering(
    name="dilation2d",
    ops=("Dilation2D",),
    equation="Dilation2D(x, w) → Max(patches of x + w)",
    lower=lower,
)
