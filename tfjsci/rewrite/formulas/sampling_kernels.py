"""The kernels by which TensorFlow resamples images: how much an old pixel counts by its distance from a new one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

Distances = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class SamplingKernel:
    """``weight`` of distances of at least 0; beyond ``radius`` it is 0."""

    radius: float
    weight: Callable[[Distances], Distances]


def _lanczos(radius: float, x: Distances) -> Distances:
    return np.where(x > radius, 0.0, np.sinc(x) * np.sinc(x / radius))


def _gaussian(x: Distances) -> Distances:
    return np.where(x >= 1.5, 0.0, np.exp(-2 * x * x))  # a deviation of 1/2


def _box(x: Distances) -> Distances:
    return np.where(x < 0.5, 1.0, np.where(x == 0.5, 0.5, 0.0))


def _triangle(x: Distances) -> Distances:
    return np.maximum(1 - x, 0)


def _keys_cubic(x: Distances) -> Distances:
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x >= 2, 0.0, np.where(x >= 1, far, near))


def _mitchell_cubic(x: Distances) -> Distances:
    near = (7 / 6 * x - 2) * x * x + 8 / 9
    far = ((-7 / 18 * x + 2) * x - 10 / 3) * x + 16 / 9
    return np.where(x >= 2, 0.0, np.where(x >= 1, far, near))


KERNELS: dict[str, SamplingKernel] = {
    "lanczos1": SamplingKernel(radius=1, weight=partial(_lanczos, 1)),
    "lanczos3": SamplingKernel(radius=3, weight=partial(_lanczos, 3)),
    "lanczos5": SamplingKernel(radius=5, weight=partial(_lanczos, 5)),
    "gaussian": SamplingKernel(radius=1.5, weight=_gaussian),
    "box": SamplingKernel(radius=0.5, weight=_box),
    "triangle": SamplingKernel(radius=1, weight=_triangle),
    "keyscubic": SamplingKernel(radius=2, weight=_keys_cubic),
    "mitchellcubic": SamplingKernel(radius=2, weight=_mitchell_cubic),
}
"""By the name in attribute ``kernel_type``."""
