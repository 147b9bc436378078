"""The patches of an image or a volume, laid side by side: what a window sees at each place where it stops.

Each dimension is gathered by itself, with indices that count its places and taps only, never their products; where they just
run through the image nothing is gathered. A transpose then puts the places before the taps.
"""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.build import Tensor, along, const, gather, pad_space, product, reshape, size, transpose
from tfjsci.rewrite.formulas.windows import Window


def patches(x: Tensor, window: Window, taps: tuple[int, ...], *, outside: float | None = None) -> Tensor:
    """[batch, places…, taps (all of them), channels] of an ``x`` [batch, sizes…, channels] with 2 or 3 sizes.

    ``outside`` is what the window sees in the padding (None: 0). Raises ``UnknownShapeError`` when a size isn't known.
    """
    sizes = x.sizes[1:-1]
    around, places = window.paddings(sizes, taps), window.places(sizes, taps)
    x = pad_space(x, around, outside)
    for axis, (count, stride, n, dilation) in enumerate(
        zip(places, window.strides, taps, window.dilations, strict=True), 1
    ):
        seen = (np.arange(count)[:, None] * stride + np.arange(n) * dilation).reshape(-1)
        if not np.array_equal(seen, np.arange(len(seen))):
            x = gather(x, const(seen.astype(np.int32)), axis)
        elif len(seen) != x.sizes[axis]:
            x = along(x, axis, 0, len(seen))
    batch, channels = size(x, 0), size(x, -1)
    inner = product([taps[-1], channels])
    if len(taps) == 2:
        rows = reshape(x, [product([batch, places[0]]), taps[0], places[1], inner])
        ordered = transpose(rows, (0, 2, 1, 3))
    else:
        rows = reshape(x, [product([batch, places[0]]), taps[0], places[1], taps[1], places[2], inner])
        ordered = transpose(rows, (0, 2, 4, 1, 3, 5))
    return reshape(ordered, [batch, *places, int(np.prod(taps)), channels])
