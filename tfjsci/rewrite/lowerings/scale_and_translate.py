"""ScaleAndTranslate(x)  ->  weights · x along the height, and then the width

Old pixels count by a kernel of their distance from where the new pixel comes from, and their weights are made to sum to 1; with
``antialias``, the kernel is as wide as a new pixel where that is wider than an old one.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tfjsci.rewrite.build import Tensor, cast
from tfjsci.rewrite.formulas.image_size import sizes_of_resize
from tfjsci.rewrite.formulas.known_value import known_value
from tfjsci.rewrite.formulas.resampling import Weights, resampled, too_large
from tfjsci.rewrite.formulas.sampling_kernels import KERNELS, SamplingKernel
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

_ONE = np.float32(1)
_HALF = np.float32(0.5)


def lower(node: Subject) -> Tensor | Declined:
    """Two products with constant weights."""
    sizes = sizes_of_resize(node)
    if isinstance(sizes, Declined):
        return sizes
    scales, shifts = (known_value(node.graph, name) for name in node.node.inputs[2:4])
    if scales is None or shifts is None:
        return Declined(reason="the scale or the translation isn't known before the model runs")
    name = node.text("kernel_type", "lanczos3")
    if name not in KERNELS:
        return Declined(reason=f"there is no kernel {name}")
    x = cast(node.inputs[0], "float32")
    for axis, (old, new) in enumerate(sizes, start=1):
        scale, shift = np.float32(scales.reshape(-1)[axis - 1]), np.float32(shifts.reshape(-1)[axis - 1])
        if not scale > 0:
            return Declined(reason="a scale isn't above 0")
        weights = kernel_weights(old, new, scale, shift, KERNELS[name], antialias=node.flag("antialias", True))
        if too_large(weights):
            return Declined(reason=f"the weights from {old} to {new} pixels would be too large a constant")
        x = resampled(x, weights, axis)
    return x


def kernel_weights(
    old: int, new: int, scale: np.float32, shift: np.float32, kernel: SamplingKernel, *, antialias: bool
) -> Weights:
    """[new, old], in floats as TensorFlow reckons them; a new pixel that comes from outside of the image is 0."""
    inverse = _ONE / scale
    widened = max(inverse, _ONE) if antialias else _ONE
    place = (np.arange(new, dtype=np.float32) + _HALF) * inverse - inverse * shift
    reach = np.float32(kernel.radius) * widened
    first = np.clip(np.ceil(place - reach - _HALF), 0, old - 1)[:, None]
    last = np.clip(np.floor(place + reach - _HALF), 0, old - 1)[:, None]
    at = np.arange(old, dtype=np.float32)[None, :]
    distance = np.abs(at + _HALF - place[:, None]) * (_ONE / widened)
    weights = kernel.weight(distance.astype(np.float64)) * ((at >= first) & (at <= last))
    total = weights.sum(axis=1, keepdims=True)
    weights = np.where(np.abs(total) > 1e-30, weights / np.where(total == 0, 1, total), weights)
    within = (place >= 0) & (place <= old)
    rows: npt.NDArray[np.float32] = (weights * within[:, None]).astype(np.float32)
    return rows


LOWERING = Lowering(
    name="scale_and_translate",
    ops=("ScaleAndTranslate",),
    equation="ScaleAndTranslate(x) → weights · x along the height, then the width",
    lower=lower,
)
