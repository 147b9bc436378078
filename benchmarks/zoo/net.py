"""One net of the zoo: how it is built, and what it is fed with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Draw = Callable[[np.random.Generator], npt.NDArray[np.generic]]


@dataclass(frozen=True, kw_only=True)
class Net:
    """A net with one input. ``build`` gives a Keras model with fresh weights; ``draw`` gives one call's input, batch 1."""

    name: str
    build: Callable[[], Any]
    draw: Draw
    size: str
    """The input's, for the table."""
    also_without_rules: bool = False
    """Whether it is also raced against ours with all rewriting rules left out."""


def pixels(size: int) -> Draw:
    """An image of uniform noise, (1, size, size, 3), 0 to 255, float32: for nets that scale their input themselves."""
    return lambda rng: rng.uniform(0, 255, (1, size, size, 3)).astype(np.float32)


def normals(*shape: int) -> Draw:
    """A standard normal (1, *shape), float32."""
    return lambda rng: rng.normal(0, 1, (1, *shape)).astype(np.float32)


def tokens(length: int, vocabulary: int) -> Draw:
    """Uniform token numbers (1, length), int32."""
    return lambda rng: rng.integers(0, vocabulary, (1, length)).astype(np.int32)
