"""A text classifier: embedding, two encoder blocks with exact GELU, mean over the tokens."""

from __future__ import annotations

from typing import Any

from ..net import Net, tokens
from .encoder import encoder_block, positions

LENGTH = 64
VOCABULARY = 2000
WIDTH = 128
HEADS = 4
BLOCKS = 2
CLASSES = 20


def build() -> Any:
    """(batch, 64) int32 -> (batch, 20) logits."""
    import keras

    layers = keras.layers
    text = keras.Input((LENGTH,), dtype="int32")
    x = positions(layers.Embedding(VOCABULARY, WIDTH)(text), length=LENGTH, width=WIDTH)
    for _ in range(BLOCKS):
        x = encoder_block(x, width=WIDTH, heads=HEADS)
    x = layers.GlobalAveragePooling1D()(layers.LayerNormalization(epsilon=1e-6)(x))
    return keras.Model(text, layers.Dense(CLASSES)(x))


NET = Net(
    name="text transformer",
    build=build,
    draw=tokens(LENGTH, VOCABULARY),
    size=f"{LENGTH} tokens",
    also_without_rules=True,
)
