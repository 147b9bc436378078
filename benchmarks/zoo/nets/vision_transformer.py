"""A small ViT: 16² patches as a convolution, a class token in front, four encoder blocks."""

from __future__ import annotations

from typing import Any

from ..net import Net, normals
from .encoder import encoder_block, positions

SIZE = 112
PATCH = 16
WIDTH = 128
HEADS = 4
BLOCKS = 4
CLASSES = 100


def build() -> Any:
    """(batch, 112, 112, 3) -> (batch, 100) logits."""
    import keras

    layers, ops = keras.layers, keras.ops

    class ClassToken(keras.layers.Layer):  # type: ignore[misc]
        """One learnt token before the others."""

        def build(self, shape: Any) -> None:
            self.token = self.add_weight(shape=(1, 1, shape[-1]), initializer="random_normal")

        def call(self, x: Any) -> Any:
            return ops.concatenate([ops.broadcast_to(self.token, (ops.shape(x)[0], 1, WIDTH)), x], axis=1)

    patches = (SIZE // PATCH) ** 2
    image = keras.Input((SIZE, SIZE, 3))
    x = layers.Conv2D(WIDTH, PATCH, strides=PATCH)(image)
    x = ClassToken()(layers.Reshape((patches, WIDTH))(x))
    x = positions(x, length=patches + 1, width=WIDTH)
    for _ in range(BLOCKS):
        x = encoder_block(x, width=WIDTH, heads=HEADS)
    x = layers.LayerNormalization(epsilon=1e-6)(x)
    return keras.Model(image, layers.Dense(CLASSES)(x[:, 0]))


NET = Net(name="small ViT", build=build, draw=normals(SIZE, SIZE, 3), size=f"{SIZE}²", also_without_rules=True)
