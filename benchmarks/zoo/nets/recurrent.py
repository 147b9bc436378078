"""A Bidirectional LSTM and a GRU over features, as Keras makes them (a loop), and unrolled."""

from __future__ import annotations

from typing import Any

from ..net import Net, normals

STEPS = 24
FEATURES = 32
UNITS = 64
CLASSES = 10


def build(*, unroll: bool) -> Any:
    """(batch, 24, 32) -> (batch, 10) logits."""
    import keras

    layers = keras.layers
    sequence = keras.Input((STEPS, FEATURES))
    x = layers.Bidirectional(layers.LSTM(UNITS, return_sequences=True, unroll=unroll))(sequence)
    x = layers.GRU(UNITS, unroll=unroll)(x)
    return keras.Model(sequence, layers.Dense(CLASSES)(x))


def _net(name: str, *, unroll: bool) -> Net:
    return Net(
        name=name,
        build=lambda: build(unroll=unroll),
        draw=normals(STEPS, FEATURES),
        size=f"{STEPS} steps",
        also_without_rules=True,
    )


NETS = (
    _net("BiLSTM + GRU", unroll=False),
    _net("BiLSTM + GRU, unrolled", unroll=True),
)
