"""Weights that hide nothing: what Keras starts with zero, one or 1e-6 is drawn at random.

Fresh batch norm is the identity, a fresh bias adds nothing, and ConvNeXt's fresh layer scale switches its blocks off: a wrong
folding or a lost bias would not show.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

_RANGES: dict[str, Callable[[np.random.Generator, tuple[int, ...]], Any]] = {
    "gamma": lambda rng, shape: rng.uniform(0.5, 1.5, shape),
    "beta": lambda rng, shape: rng.normal(0, 0.1, shape),
    "moving_mean": lambda rng, shape: rng.normal(0, 0.1, shape),
    "moving_variance": lambda rng, shape: rng.uniform(0.5, 1.5, shape),
    "bias": lambda rng, shape: rng.normal(0, 0.1, shape),
}
"""By the variable's name."""

_LAYER_SCALE = (0.1, 0.3)
"""Of ConvNeXt's: 18 residual blocks at full strength would only grow."""


def randomise(model: Any) -> None:
    """Draw the model's normalisations, biases and layer scales, the same each time."""
    rng = np.random.default_rng(0)
    for layer in model._flatten_layers():
        for variable in layer._trainable_variables + layer._non_trainable_variables:
            name = variable.name
            if type(layer).__name__ == "LayerScale":
                variable.assign(rng.uniform(*_LAYER_SCALE, variable.shape))
            elif name in _RANGES:
                variable.assign(_RANGES[name](rng, tuple(variable.shape)))
