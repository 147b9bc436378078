"""ResizeArea(x)  ->  weights · x along the height, and then the width: each old pixel counts by how much of the new it covers"""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.build import Tensor, cast
from tfjsci.rewrite.formulas.image_size import resize_scale, sizes_of_resize
from tfjsci.rewrite.formulas.resampling import Weights, resampled, too_large
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """Two products with constant weights."""
    sizes = sizes_of_resize(node)
    if isinstance(sizes, Declined):
        return sizes
    x = cast(node.inputs[0], "float32")
    for axis, (old, new) in enumerate(sizes, start=1):
        weights = area_weights(old, new, resize_scale(old, new, node.flag("align_corners", False)))
        if too_large(weights):
            return Declined(reason=f"the weights from {old} to {new} pixels would be too large a constant")
        x = resampled(x, weights, axis)
    return x


def area_weights(old: int, new: int, scale: np.float32) -> Weights:
    """[new, old]; what would lie beyond the last pixel counts as the last."""
    if old == 1:
        return np.ones((new, 1), np.float32)
    weights = np.zeros((new, old), np.float32)
    for i in range(new):
        begin, end = np.float32(i) * scale, np.float32(i + 1) * scale
        for at in range(int(np.floor(begin)), int(np.ceil(end))):
            covered = min(np.float32(at + 1), end) - max(np.float32(at), begin)
            weights[i, min(max(at, 0), old - 1)] += covered / scale
    return weights


LOWERING = Lowering(
    name="resize_area",
    ops=("ResizeArea",),
    equation="ResizeArea(x) → weights · x along the height, then the width",
    lower=lower,
)
