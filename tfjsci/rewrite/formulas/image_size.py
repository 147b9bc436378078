"""The sizes of images before and after an op that resizes them, where they are known before the run."""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.formulas.known_value import known_value
from tfjsci.rewrite.lowering import Subject
from tfjsci.rewrite.rule import Declined

Sizes = tuple[tuple[int, int], tuple[int, int]]
"""(old, new) of the height, and of the width."""


def sizes_of_resize(node: Subject) -> Sizes | Declined:
    """Of a node with inputs images [batch, height, width, channels] and size [2]."""
    new = known_value(node.graph, node.node.inputs[1])
    if new is None or new.size != 2:
        return Declined(reason="the size to resize to isn't known before the model runs")
    old = node.inputs[0].sizes[1:3]
    if len(old) != 2 or None in old:
        return Declined(reason="the size of the images isn't known before the model runs")
    heights, widths = ((int(a or 0), int(b)) for a, b in zip(old, new.reshape(-1), strict=True))
    if 0 in (*heights, *widths):
        return Declined(reason="the images are empty")
    return heights, widths


def resize_scale(old: int, new: int, align_corners: bool) -> np.float32:
    """Old pixels to a new one, as TensorFlow reckons it in floats."""
    old, new = (old - 1, new - 1) if align_corners and new > 1 else (old, new)
    scale: np.float32 = np.float32(np.float32(old) / np.float32(new))
    return scale
