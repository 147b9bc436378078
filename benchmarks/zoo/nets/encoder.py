"""What both transformers are made of: Keras' own attention, exact GELU, layer norm first."""

from __future__ import annotations

from typing import Any


def encoder_block(x: Any, *, width: int, heads: int) -> Any:
    """(batch, tokens, width) -> the same."""
    import keras

    layers = keras.layers
    normed = layers.LayerNormalization(epsilon=1e-6)(x)
    x = layers.Add()([x, layers.MultiHeadAttention(heads, width // heads)(normed, normed)])
    normed = layers.LayerNormalization(epsilon=1e-6)(x)
    hidden = layers.Dense(4 * width, activation="gelu")(normed)
    return layers.Add()([x, layers.Dense(width)(hidden)])


def positions(x: Any, *, length: int, width: int) -> Any:
    """Learnt positions (length, width) added to (batch, length, width)."""
    import keras

    class Positions(keras.layers.Layer):  # type: ignore[misc]
        """A weight, added."""

        def build(self, _: Any) -> None:
            self.table = self.add_weight(shape=(length, width), initializer="random_normal")

        def call(self, x: Any) -> Any:
            return x + self.table

    return Positions()(x)
