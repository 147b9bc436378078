"""ResizeBicubic(x)  ->  weights · x along the height, and then the width

The cubic by which TensorFlow weighs four neighbours has a = -1/2 with half-pixel centers (where what lies outside counts
nothing), and a = -3/4 without (where the border repeats); it is read from a table of 1024 steps.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tfjsci.rewrite.build import Tensor, cast
from tfjsci.rewrite.formulas.image_size import resize_scale, sizes_of_resize
from tfjsci.rewrite.formulas.resampling import Weights, resampled, too_large
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

_STEPS = 1024


def lower(node: Subject) -> Tensor | Declined:
    """Two products with constant weights."""
    sizes = sizes_of_resize(node)
    if isinstance(sizes, Declined):
        return sizes
    align, half = node.flag("align_corners", False), node.flag("half_pixel_centers", False)
    x = cast(node.inputs[0], "float32")
    for axis, (old, new) in enumerate(sizes, start=1):
        weights = cubic_weights(old, new, resize_scale(old, new, align), half=half)
        if too_large(weights):
            return Declined(reason=f"the weights from {old} to {new} pixels would be too large a constant")
        x = resampled(x, weights, axis)
    return x


def cubic_weights(old: int, new: int, scale: np.float32, *, half: bool) -> Weights:
    """[new, old]"""
    i = np.arange(new, dtype=np.float32)
    place = (i + np.float32(0.5)) * scale - np.float32(0.5) if half else i * scale
    first = np.floor(place)
    offset = np.rint((place - first) * np.float32(_STEPS)).astype(np.float64) / _STEPS
    a = -0.5 if half else -0.75
    weights = np.zeros((new, old), np.float32)
    for step, distance in ((-1, 1 + offset), (0, offset), (1, 1 - offset), (2, 2 - offset)):
        at = first.astype(int) + step
        inside = (at >= 0) & (at < old)
        value = _cubic(distance, a) * (inside if half else 1.0)
        np.add.at(weights, (np.arange(new), at.clip(0, old - 1)), value.astype(np.float32))
    if half:
        total = weights.sum(axis=1, keepdims=True)
        weights = np.where(np.abs(total) > 1e-30, weights / np.where(total == 0, 1, total), weights)
    return weights.astype(np.float32)


def _cubic(x: Any, a: float) -> Any:
    """The cubic of distance x (0 … 2) that keeps values where it samples them."""
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    return np.where(x <= 1, near, far)


LOWERING = Lowering(
    name="resize_bicubic",
    ops=("ResizeBicubic",),
    equation="ResizeBicubic(x) → weights · x along the height, then the width",
    lower=lower,
)
