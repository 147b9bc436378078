"""MaxPoolWithArgmax(x)  ->  MaxPool(x), and where each maximum is: begin + offset[ArgMax(patches(x))]

The position counts through the flat image [height, width, channels] (with the batch, if asked). Of equal values TensorFlow
points at the first. webgl and webgpu point at the last, and wasm loses negative maxima.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build import Tensor, UnknownShapeError, arange, arg, cast, const, gather, make, reshape, size
from tfjsci.rewrite.formulas.patches import patches
from tfjsci.rewrite.formulas.windows import Window, window_of
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined, kept


def lower(node: Subject) -> tuple[Tensor, ...] | Declined:
    """A MaxPool alone where the positions aren't read; for these the patches, an ArgMax, a Gather and an AddV2."""
    window = window_of(node)
    if isinstance(window, Declined):
        return window
    (x,) = node.inputs
    if not x.floating:
        return Declined(reason="it is of whole numbers")
    attrs = kept(node.node, without=("Targmax", "include_batch_in_index"))
    attrs |= {"data_format": b"NHWC", "explicit_paddings": ()}
    best = make("MaxPool", [x], dtype=x.dtype, shape=node.output_shape(), **attrs)
    return (best, _positions(node, x, window)) if node.uses_output(1) else (best,)


def _positions(node: Subject, x: Tensor, window: Window) -> Tensor:
    taps = node.numbers("ksize")[1:-1]
    height, width, channels = _known(x)
    seen = patches(x, window, (taps[0], taps[1]), outside=float(np.finfo(x.dtype).min))
    where = arg("ArgMax", reshape(seen, [-1, taps[0] * taps[1], channels]), 1)
    down, right = np.divmod(np.arange(taps[0] * taps[1]), taps[1])
    offsets = const(((down * width + right) * channels).astype(np.int32))
    batch = size(x, 0)
    rows, columns = window.places((height, width), (taps[0], taps[1]))
    (top, _), (left, _) = window.paddings((height, width), (taps[0], taps[1]))
    row = (np.arange(rows) * window.strides[0] - top) * width * channels
    column = (np.arange(columns) * window.strides[1] - left)[:, None] * channels + np.arange(channels)
    place = reshape(gather(offsets, where), [batch, rows, columns, channels])
    place = place + const(row[:, None, None].astype(np.int32)) + const(column.astype(np.int32))
    if node.flag("include_batch_in_index", False):
        place = place + reshape(arange(batch) * (height * width * channels), [batch, 1, 1, 1])
    wanted = node.attr("Targmax")
    return cast(place, wanted.name if isinstance(wanted, DType) else "int64")


def _known(x: Tensor) -> tuple[int, int, int]:
    _, height, width, channels = x.sizes
    if height is None or width is None or channels is None:
        raise UnknownShapeError("the image's size isn't known before the model runs, and the positions depend on it")
    return height, width, channels


LOWERING = Lowering(
    name="max_pool_argmax",
    ops=("MaxPoolWithArgmax",),
    equation="MaxPoolWithArgmax(x) → MaxPool(x), begin + Gather(offsets, ArgMax(patches of x))",
    lower=lower,
)
