"""A WaveNet-like stack: dilated causal Conv1D with gates, residuals and summed skips."""

from __future__ import annotations

from typing import Any

from ..net import Net, normals

LENGTH = 1024
WIDTH = 32
DILATIONS = (1, 2, 4, 8, 16, 32) * 2
CLASSES = 64


def build() -> Any:
    """(batch, 1024, 1) -> (batch, 1024, 64) logits."""
    import keras

    layers = keras.layers
    sound = keras.Input((LENGTH, 1))
    x = layers.Conv1D(WIDTH, 2, padding="causal")(sound)
    skips = []
    for dilation in DILATIONS:
        signal = layers.Conv1D(WIDTH, 2, padding="causal", dilation_rate=dilation, activation="tanh")(x)
        gate = layers.Conv1D(WIDTH, 2, padding="causal", dilation_rate=dilation, activation="sigmoid")(x)
        gated = layers.Multiply()([signal, gate])
        skips.append(layers.Conv1D(WIDTH, 1)(gated))
        x = layers.Add()([x, layers.Conv1D(WIDTH, 1)(gated)])
    x = layers.ReLU()(layers.Add()(skips))
    x = layers.Conv1D(WIDTH, 1, activation="relu")(x)
    return keras.Model(sound, layers.Conv1D(CLASSES, 1)(x))


NET = Net(name="WaveNet-like", build=build, draw=normals(LENGTH, 1), size=f"{LENGTH} samples")
