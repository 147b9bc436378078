"""Nets of dense layers: an autoencoder of digits, and a classifier of cells by what was measured of them."""

from __future__ import annotations

from typing import Any

from ..data import cells, digits_themselves
from ..net import Trained


def autoencoder() -> Any:
    """(batch, 64) -> (batch, 64), through 24 numbers; about 340,000 parameters."""
    import keras

    layers = keras.layers
    pixels = keras.Input((64,), name="pixels")
    x = pixels
    for width in (512, 256, 24, 256, 512):
        x = layers.Dense(width, activation=None if width == 24 else "relu")(x)
    return keras.Model(pixels, layers.Dense(64, name="restored")(x))


def mlp() -> Any:
    """(batch, 30) -> (batch, 2) logits; about 280,000 parameters."""
    import keras

    layers = keras.layers
    measurements = keras.Input((30,), name="measurements")
    x = layers.Dense(512, activation="relu")(measurements)
    x = layers.Dense(512, activation="relu")(x)
    return keras.Model(measurements, layers.Dense(2, name="logits")(x))


AUTOENCODER = Trained(name="autoencoder", build=autoencoder, data=digits_themselves, kind="autoencoder", epochs=25)
MLP = Trained(name="MLP on cells", build=mlp, data=cells, epochs=15)
