"""A plain net of convolutions over digits."""

from __future__ import annotations

from typing import Any

from ..data import digits
from ..net import Trained


def build() -> Any:
    """(batch, 8, 8, 1) -> (batch, 10) logits; about 370,000 parameters."""
    import keras

    layers = keras.layers
    image = keras.Input((8, 8, 1), name="image")
    x = layers.Conv2D(32, 3, padding="same", activation="relu")(image)
    x = layers.Conv2D(64, 3, padding="same", activation="relu")(x)
    x = layers.MaxPooling2D()(x)
    x = layers.Conv2D(128, 3, padding="same", activation="relu")(x)
    x = layers.Conv2D(128, 3, padding="same", activation="relu")(x)
    x = layers.MaxPooling2D()(x)
    x = layers.Dense(256, activation="relu")(layers.Flatten()(x))
    return keras.Model(image, layers.Dense(10, name="logits")(x))


NET = Trained(name="CNN", build=build, data=digits, digits=True)
