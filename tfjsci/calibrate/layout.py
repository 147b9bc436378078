"""How a weight lies in memory, and as the rows of the products that it takes part in."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Layout = Literal["in-out", "out-in", "convolution", "depthwise"]
"""MatMul's [in, out], or [out, in]; Conv2D's [height, width, in, out]; a depthwise kernel's [height, width, in, multiplier]."""

Values: TypeAlias = "npt.NDArray[Any]"


def rows_of(value: Values, layout: Layout) -> Values:
    """The weight as [blocks, K, outputs]: each block is multiplied with inputs of its own, K numbers for each output.

    A depthwise kernel has a block for each channel, all others have one.
    """
    rows: Values
    if layout == "in-out":
        rows = value[np.newaxis]
    elif layout == "out-in":
        rows = value.T[np.newaxis]
    elif layout == "convolution":
        rows = value.reshape((1, -1, value.shape[-1]))
    else:
        height, width, channels, multiplier = value.shape
        rows = value.reshape((height * width, channels, multiplier)).transpose((1, 0, 2))
    return rows


def value_of(rows: Values, layout: Layout, shape: tuple[int, ...]) -> Values:
    """The way back: [blocks, K, outputs] as a weight of ``shape``, contiguous."""
    turned: Values
    if layout == "out-in":
        turned = rows[0].T
    elif layout == "depthwise":
        turned = rows.transpose((1, 0, 2))
    else:
        turned = rows[0]
    return np.ascontiguousarray(turned).reshape(shape)
