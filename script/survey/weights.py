"""Weights as if trained: nothing stays at the zeros and ones of its initialiser, batch norms have real statistics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def randomise(model: Any, rng: np.random.Generator) -> None:
    """Spread each float variable that is the same all over: zeros around 0, others to 0.5 to 1.5 times their value."""
    for variable in model.variables:
        if not str(variable.dtype).startswith(("float", "bfloat")) or 0 in variable.shape:
            continue
        value = np.asarray(variable.numpy(), dtype=np.float32)
        first = float(value.reshape(-1)[0])
        if value.size > 1 and not np.all(value == first):
            continue
        # at least 0.1: a layer scale of 1e-6 would hide its block
        spread = max(first, 0.1) * rng.uniform(0.5, 1.5, value.shape) if first else rng.normal(0.0, 0.2, value.shape)
        variable.assign(spread.astype(np.float32))
    for layer in _layers(model):
        if hasattr(layer, "adapt_mean"):  # Normalization computes with copies, and saves these
            layer.finalize_state()


def settle(model: Any, samples: Sequence[Any]) -> None:
    """Give every batch norm the mean and variance that it meets on ``samples`` when nothing is dropped, as in inference.

    No variance is below the norm's median: a few samples of few pixels leave some channels almost constant, and a deep net
    that divides by that again and again answers to the last bit of its input. (Measured on EfficientNetV2S at 64 x 72 pixels.)
    """
    held = [
        (layer, name, getattr(layer, name), 0.0)
        for layer in _layers(model)
        for name, means in (("momentum", "moving_variance"), ("rate", "seed_generator"))
        if hasattr(layer, name) and hasattr(layer, means)
    ]
    for layer, name, _, still in held:
        setattr(layer, name, still)
    model(samples[0] if len(samples) == 1 else list(samples), training=True)
    for layer, name, before, _ in held:
        setattr(layer, name, before)
        if name == "momentum":
            variance = np.asarray(layer.moving_variance.numpy())
            layer.moving_variance.assign(np.maximum(variance, np.median(variance)))


def _layers(model: Any) -> list[Any]:
    return list(model._flatten_layers())
