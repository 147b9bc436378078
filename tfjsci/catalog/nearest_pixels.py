"""Which old pixel ResizeNearestNeighbor takes for each new one: by TensorFlow, and by the backends, which reckon otherwise.

Where a new pixel comes from the border between two old ones, the rounding of the arithmetic decides.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

By = Literal["tensorflow", "cpu", "gpu"]
"""wasm does as TensorFlow does; the GPU backends round by floor(x + 1/2), cpu reckons in doubles."""


def nearest_pixels(
    old: int, new: int, *, align_corners: bool, half_pixel_centers: bool, by: By
) -> npt.NDArray[np.int32]:
    """The old pixel of each new one along one dimension."""
    floats = np.float64 if by == "cpu" else np.float32
    aligned = align_corners and new > 1
    scale = floats(old - 1) / floats(new - 1) if aligned else floats(old) / floats(new)
    place = np.arange(new, dtype=floats)
    place = (place + floats(0.5)) * scale if half_pixel_centers else place * scale
    if not align_corners:
        at = np.floor(place)
    elif by == "tensorflow":  # roundf, which adds nothing that would be rounded
        at = np.floor(place) + (place - np.floor(place) >= floats(0.5))
    else:
        at = np.floor(place + floats(0.5))
    pixels: npt.NDArray[np.int32] = at.clip(0, old - 1).astype(np.int32)
    return pixels
