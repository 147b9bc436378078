"""How large that is which windows make of an image: convolutions and pooling."""

from __future__ import annotations

from collections.abc import Sequence

from tfjsci.graph.graph import Shape
from tfjsci.graph.plain_shapes.asked import Asked
from tfjsci.graph.plain_shapes.dims import Dims


def convolved(asked: Asked) -> Shape:
    """Of a convolution, channels last, without groups: places, and what the kernel makes."""
    if len(asked.dims) != 2 or not asked.is_nhwc() or [len(each) for each in asked.dims] != [4, 4]:
        return None
    image, kernel = asked.dims
    height, width, read, made = kernel
    if None in kernel or image[3] is None or height is None or width is None or read is None or made is None:
        return None
    deep = asked.node.op == "DepthwiseConv2dNative"
    if image[3] != read or not read or not made:
        return None  # groups, too
    windows = _windows(asked, image[1:3], (height, width), dilated=True)
    return None if windows is None else (image[0], *windows, read * made if deep else made)


def pooled(asked: Asked) -> Shape:
    """Of a pooling, channels last, whose window is of height and width alone."""
    taps = asked.numbers("ksize", 4)
    if len(asked.dims) != 1 or len(asked.dims[0]) != 4 or taps is None or taps[0] != 1 or taps[3] != 1:
        return None
    image = asked.dims[0]
    windows = _windows(asked, image[1:3], taps[1:3], dilated=False) if asked.is_nhwc() else None
    return None if windows is None else (image[0], *windows, image[3])


def _windows(asked: Asked, sizes: Dims, taps: Sequence[int], *, dilated: bool) -> Dims | None:
    """At how many places along height and width a window stops."""
    strides = asked.numbers("strides", 4)
    apart = asked.numbers("dilations", 4) if dilated else [1, 1, 1, 1]
    padding = asked.node.attrs.get("padding")
    around = asked.numbers("explicit_paddings", 8) if padding == b"EXPLICIT" else [0] * 8
    if strides is None or apart is None or around is None or padding not in (b"SAME", b"VALID", b"EXPLICIT"):
        return None
    if min(strides) < 1 or min(apart) < 1 or min(around) < 0 or min(taps) < 1 or strides[0] != 1 or strides[3] != 1:
        return None
    found: list[int | None] = []
    for axis, (n, k) in enumerate(zip(sizes, taps, strict=True), 1):
        if n is None:
            found.append(None)
            continue
        if padding == b"SAME":
            found.append(-(-n // strides[axis]))
            continue
        room = n + around[2 * axis] + around[2 * axis + 1] - ((k - 1) * apart[axis] + 1)
        if room < 0:
            return None
        found.append(room // strides[axis] + 1)
    return tuple(found)
