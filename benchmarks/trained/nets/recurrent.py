"""An LSTM over the rows of a digit, as Keras makes it (a loop), and unrolled."""

from __future__ import annotations

from typing import Any

from ..data import digits
from ..net import Trained


def build(*, unroll: bool) -> Any:
    """(batch, 8, 8, 1) -> (batch, 10) logits; about 270,000 parameters."""
    import keras

    layers = keras.layers
    image = keras.Input((8, 8, 1), name="image")
    x = layers.LSTM(256, unroll=unroll)(layers.Reshape((8, 8))(image))
    return keras.Model(image, layers.Dense(10, name="logits")(x))


NETS = (
    Trained(name="LSTM", build=lambda: build(unroll=False), data=digits, epochs=20, learning_rate=3e-3, digits=True),
    Trained(
        name="LSTM, unrolled", build=lambda: build(unroll=True), data=digits, epochs=20, learning_rate=3e-3, digits=True
    ),
)
