"""Examples about boxes that overlap, and their suppression."""

from __future__ import annotations

from typing import Any

import numpy as np
from lowering_cases import Example, one_op

from tfjsci.graph.graph import Array

TOUCHING = np.float32(
    [[0, 0, 1, 1], [0, 0.5, 1, 1.5], [0, 0, 1, 1], [3, 3, 4, 4], [4, 4, 3, 3], [10, 10, 11, 12], [0, 0, 0, 0]]
)
"""Equal boxes, boxes that overlap by a third, corners in another order, one without area."""
SCORES = np.float32([0.9, 0.8, 0.8, 0.7, 0.7, 0.1, 0.5])


def boxes(*around: int, seed: int = 0, gap: float = 0.1) -> Array:
    """Corners y0, x0, y1, x1 in the unit square: some overlap."""
    rng = np.random.default_rng([seed, *around])
    corner = rng.uniform(0, 0.6, (*around, 2))
    return np.concatenate([corner, corner + rng.uniform(gap, 0.4, (*around, 2))], axis=-1).astype(np.float32)


def scores(*shape: int, seed: int = 0) -> Array:
    """From 0 to 1."""
    return np.random.default_rng([seed, 7, *shape]).uniform(0, 1, shape).astype(np.float32)


def suppression(
    version: int,
    some_boxes: Any,
    some_scores: Any,
    most: int,
    overlap: float = 0.4,
    least: float = 0.2,
    sigma: float = 0.0,
    *,
    constant: bool = True,
    **options: Any,
) -> Example:
    """NonMaxSuppression of a version; the numbers are constants unless told."""
    numbers = [np.int32(most), np.float32(overlap), np.float32(least), np.float32(sigma)]
    numbers = numbers[: {1: 1, 2: 2, 3: 3, 4: 3, 5: 4}[version]]
    if version == 1:
        options["iou_threshold"] = overlap
    name = "NonMaxSuppression" if version == 1 else f"NonMaxSuppressionV{version}"
    fixed = range(2, 2 + len(numbers)) if constant else range(3, 2 + len(numbers))
    return one_op(name, some_boxes, some_scores, *numbers, constant=list(fixed), **options)
