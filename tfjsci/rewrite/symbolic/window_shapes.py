"""How large that is which windows make of an image: convolutions and pooling."""

from __future__ import annotations

from collections.abc import Sequence

from tfjsci.rewrite.symbolic import size
from tfjsci.rewrite.symbolic.asked import Asked
from tfjsci.rewrite.symbolic.dims import Open
from tfjsci.rewrite.symbolic.size import Number


def convolved(asked: Asked) -> Open | None:
    """Of a convolution, channels last: places, and the channels of the kernel."""
    image, kernel = asked.shape(0), asked.shape(1)
    if image is None or kernel is None or len(image) != 4 or len(kernel) != 4:
        return None
    if asked.view.text("data_format", "NHWC") != "NHWC":
        return None
    deep = asked.node.op.endswith("DepthwiseConv2dNative")
    channels = size.multiply(kernel[2], kernel[3]) if deep else kernel[3]
    return (image[0], *_windows(asked, image[1:3], kernel[:2]), channels)


def pooled(asked: Asked) -> Open | None:
    """Of a pooling, channels last, whose window is of height and width alone."""
    image, taps = asked.shape(0), asked.view.numbers("ksize")
    if image is None or len(image) != 4 or len(taps) != 4 or asked.view.text("data_format", "NHWC") != "NHWC":
        return None
    if taps[0] != 1 or taps[3] != 1:
        return None
    return (image[0], *_windows(asked, image[1:3], taps[1:3]), image[3])


def _windows(asked: Asked, sizes: Sequence[Number], taps: Sequence[Number]) -> Open:
    """At how many places along height and width a window of ``taps`` stops."""
    strides = asked.view.numbers("strides") or (1, 1, 1, 1)
    dilations = asked.view.numbers("dilations") or (1, 1, 1, 1)
    explicit = asked.view.numbers("explicit_paddings") or (0,) * 8
    found: list[Number | None] = []
    for axis, (n, k) in enumerate(zip(sizes, taps, strict=True), 1):
        stride, extent = strides[axis], size.add(size.multiply(size.subtract(k, 1), dilations[axis]), 1)
        if asked.view.text("padding") == "SAME":
            found.append(size.floor_divide(size.add(n, stride - 1), stride))
            continue
        room = size.subtract(size.add(n, explicit[2 * axis] + explicit[2 * axis + 1]), extent)
        places = size.floor_divide(size.add(room, stride), stride)
        found.append(None if places is None else size.larger(places, 0))
    return tuple(found)
