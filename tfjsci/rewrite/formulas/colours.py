"""Colours in another system: red, green, blue as hue, saturation and value, and back. All channels-last, from 0 to 1."""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.build import Tensor, binary, cast, const, equal, maximum, minimum, reduce, split, unary, where

_TOP = np.array([3, 2, 4], np.float32)
"""Sixths of the hue around which red is least, and green and blue are most."""
_SIGN = np.array([1, -1, -1], np.float32)
_START = np.array([-1, 2, 2], np.float32)


def value_and_range(rgb: Tensor) -> tuple[Tensor, Tensor]:
    """The largest of the three, and by how much it's above the smallest."""
    value = reduce("Max", rgb, [-1], keep=True)
    return value, value - reduce("Min", rgb, [-1], keep=True)


def hue_of(rgb: Tensor, value: Tensor, spread: Tensor) -> Tensor:
    """From 0 to 1 around the circle; 0 for greys."""
    red, green, blue = split(rgb, 3, -1)
    sixth = 6 * spread
    turned = where(
        equal(red, value),
        binary("DivNoNan", green - blue, sixth),
        where(
            equal(green, value),
            binary("DivNoNan", blue - red, sixth) + 2 / 6,
            binary("DivNoNan", red - green, sixth) + 4 / 6,
        ),
    )
    coloured = turned * cast(spread > 0, rgb.dtype)
    return coloured + cast(coloured < 0, rgb.dtype)


def channels_of_hue(hue: Tensor) -> Tensor:
    """How much there is of red, green and blue in the pure colour of a hue [..., 1]: 0 to 1 each."""
    top, sign, start = (const(part, hue.dtype) for part in (_TOP, _SIGN, _START))
    return minimum(maximum(unary("Abs", 6 * hue - top) * sign + start, 0), 1)
