"""Padding around images and volumes, [batch, sizes…, channels]."""

from __future__ import annotations

from collections.abc import Sequence

from tfjsci.rewrite.build.shaping import dims, pad, product, reshape
from tfjsci.rewrite.build.tensor import Dim, Tensor


def pad_space(x: Tensor, around: Sequence[tuple[int, int]], value: float | None = None) -> Tensor:
    """``x`` with (before, after) added to each size. A volume's depth by itself: the GPU backends pad 4 dimensions at most."""
    if not any(n for pair in around for n in pair):
        return x
    if len(around) == 2:
        return pad(x, [(0, 0), *around, (0, 0)], value)
    sizes: list[Dim] = dims(x)
    depth, *image = around
    if any(depth):
        flat = pad(reshape(x, [sizes[0], sizes[1], product(sizes[2:])]), [(0, 0), depth, (0, 0)], value)
        sizes[1] = sizes[1] + sum(depth)
        x = reshape(flat, sizes)
    if any(n for pair in image for n in pair):
        flat = pad(reshape(x, [product(sizes[:2]), *sizes[2:]]), [(0, 0), *image, (0, 0)], value)
        grown = [size + sum(pair) for size, pair in zip(sizes[2:4], image, strict=True)]
        x = reshape(flat, [*sizes[:2], *grown, sizes[4]])
    return x
