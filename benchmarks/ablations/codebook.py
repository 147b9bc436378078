"""A palette of values for each weight, k-means of its own: indices are stored, and the table.

Source: Han, Mao and Dally, "Deep Compression" (2016).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tfjsci.graph.graph import Array

ROUNDS = 50


def palette(value: Array, size: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
    """Indices of the weight's shape, and the values [size] that they stand for, ascending: Lloyd's rounds from even steps on."""
    flat = np.sort(value.astype(np.float64).reshape(-1))
    sums = np.concatenate([[0.0], np.cumsum(flat)])
    centres = np.linspace(flat[0], flat[-1], size)
    for _ in range(ROUNDS):
        ends = np.searchsorted(flat, (centres[1:] + centres[:-1]) / 2)
        starts, stops = np.concatenate([[0], ends]), np.concatenate([ends, [flat.size]])
        counts = stops - starts
        centres = np.where(counts > 0, (sums[stops] - sums[starts]) / np.maximum(counts, 1), centres)
    values = centres.astype(np.float32)
    indices = np.searchsorted((values[1:] + values[:-1]) / 2, value)
    return indices.astype(np.uint8), values
