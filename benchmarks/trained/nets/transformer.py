"""A small transformer over the 16 patches of a digit. Source: Dosovitskiy et al. (2020)."""

from __future__ import annotations

from typing import Any

from ..data import digits
from ..net import Trained

WIDTH = 128
BLOCKS = 3
HEADS = 4


def build() -> Any:
    """(batch, 8, 8, 1) -> (batch, 10) logits; about 400,000 parameters."""
    import keras

    layers = keras.layers

    class Positions(layers.Layer):  # type: ignore[misc]
        """A learnt vector for each place."""

        def build(self, shape: Any) -> None:
            self.table = self.add_weight(shape=shape[1:], initializer="random_normal", name="positions")

        def call(self, tokens: Any) -> Any:
            return tokens + self.table

    image = keras.Input((8, 8, 1), name="image")
    x = Positions()(layers.Reshape((16, WIDTH))(layers.Conv2D(WIDTH, 2, strides=2)(image)))
    for _ in range(BLOCKS):
        y = layers.LayerNormalization()(x)
        x = layers.Add()([x, layers.MultiHeadAttention(HEADS, WIDTH // HEADS)(y, y)])
        y = layers.Dense(2 * WIDTH, activation=_gelu)(layers.LayerNormalization()(x))
        x = layers.Add()([x, layers.Dense(WIDTH)(y)])
    x = layers.GlobalAveragePooling1D()(layers.LayerNormalization()(x))
    return keras.Model(image, layers.Dense(10, name="logits")(x))


def _gelu(x: Any) -> Any:
    """By tanh: the exact one's Erfc is an op that upstream's converter refuses."""
    import keras

    return keras.activations.gelu(x, approximate=True)


NET = Trained(name="transformer", build=build, data=digits, epochs=15, digits=True)
