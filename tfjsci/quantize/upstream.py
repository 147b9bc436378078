"""The codes that upstream's converter writes, to the byte: for whoever must have the same file.

The range is the weight's own; where it includes 0, the nearest code is made to stand for 0 and the range is moved by up to half
a step, so that one end may lie a little beyond. Source: tensorflowjs' ``quantization.py`` (4.22.0) under NumPy 2, whose float64
minimum makes the arithmetic float64; under NumPy 1 it was float32, and codes at the middle between two may differ by one.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Array
from tfjsci.quantize.blocks import BLOCK
from tfjsci.quantize.weight import Codes


def upstreams_codes(value: Array, steps: int) -> tuple[Codes, float, float]:
    """Codes of ``value``'s shape, the scale and the minimum; ``value`` has at least one element, all finite."""
    dtype = np.dtype(np.uint8 if steps < 256 else np.uint16)
    low, high = float(value.min()), float(value.max())
    if low == high:
        return np.zeros(value.shape, dtype), 1.0, low
    scale = (high - low) / steps
    if low <= 0 <= high:
        low = -np.round((0 - low) / scale) * scale
        high = steps * scale + low
    codes = np.empty(value.size, dtype)
    flat = value.reshape(-1)
    for start in range(0, value.size, BLOCK):
        wide = flat[start : start + BLOCK].astype(np.float64)
        codes[start : start + BLOCK] = np.round((np.clip(wide, low, high) - low) / scale)
    return codes.reshape(value.shape), float(scale), float(low)
