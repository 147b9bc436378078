"""A convolution as a product: the windows that a kernel is laid on, one row each (im2col)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

PATCH_BYTES = 32 << 20
"""Of the windows that are spelled out at once: each value of the input stands in up to height × width of them."""

Pair = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Windows:
    """How a kernel of ``size`` [height, width] goes over an image, as TensorFlow says it.

    ``padding`` is ``SAME``, ``VALID``, or what is added at ((top, bottom), (left, right)).
    """

    size: Pair
    strides: Pair = (1, 1)
    dilations: Pair = (1, 1)
    padding: Literal["SAME", "VALID"] | tuple[Pair, Pair] = "VALID"

    def added(self, height: int, width: int) -> tuple[Pair, Pair]:
        """The zeros around an image of this size: ((top, bottom), (left, right))."""
        if not isinstance(self.padding, str):
            return self.padding
        if self.padding == "VALID":
            return (0, 0), (0, 0)
        top, left = (
            _same(length, size, stride, dilation)
            for length, size, stride, dilation in zip(
                (height, width), self.size, self.strides, self.dilations, strict=True
            )
        )
        return top, left


def patches(images: Floats, windows: Windows, *, most_bytes: int = PATCH_BYTES) -> Iterator[Floats]:
    """The windows of ``images`` [n, height, width, channels], some images at a time: [positions, height·width, channels].

    Each block takes about ``most_bytes``, or as much as one image needs.
    """
    (top, bottom), (left, right) = windows.added(*images.shape[1:3])
    padded = np.pad(images, ((0, 0), (top, bottom), (left, right), (0, 0)))
    reach = [(size - 1) * dilation + 1 for size, dilation in zip(windows.size, windows.dilations, strict=True)]
    if padded.shape[1] < reach[0] or padded.shape[2] < reach[1]:
        return
    seen = np.lib.stride_tricks.sliding_window_view(padded, reach, axis=(1, 2))
    seen = seen[
        :, :: windows.strides[0], :: windows.strides[1], :, :: windows.dilations[0], :: windows.dilations[1]
    ].transpose(0, 1, 2, 4, 5, 3)
    taps, channels = math.prod(windows.size), images.shape[3]
    each = max(1, math.prod(seen.shape[1:]) * images.itemsize)
    step = max(1, most_bytes // each)
    for start in range(0, len(seen), step):
        yield np.ascontiguousarray(seen[start : start + step]).reshape(-1, taps, channels)


def pair_of(values: Sequence[int]) -> Pair:
    """Height's and width's of an attribute for NHWC."""
    return values[1], values[2]


def _same(length: int, size: int, stride: int, dilation: int) -> Pair:
    """TensorFlow's SAME: as many positions as ⌈length / stride⌉, what is odd goes to the end."""
    total = max(0, (math.ceil(length / stride) - 1) * stride + (size - 1) * dilation + 1 - length)
    return total // 2, total - total // 2
