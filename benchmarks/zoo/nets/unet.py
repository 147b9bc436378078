"""A U-Net: convolutions with batch norm going down, transposed ones and concatenations coming up."""

from __future__ import annotations

from typing import Any

from ..net import Net, normals

SIZE = 128
WIDTHS = (16, 32, 64, 128)
CLASSES = 4


def build() -> Any:
    """(batch, 128, 128, 3) -> (batch, 128, 128, 4) logits."""
    import keras

    layers = keras.layers

    def twice(x: Any, width: int) -> Any:
        for _ in range(2):
            x = layers.Conv2D(width, 3, padding="same", use_bias=False)(x)
            x = layers.ReLU()(layers.BatchNormalization()(x))
        return x

    image = keras.Input((SIZE, SIZE, 3))
    x, levels = image, []
    for width in WIDTHS[:-1]:
        x = twice(x, width)
        levels.append(x)
        x = layers.MaxPooling2D()(x)
    x = twice(x, WIDTHS[-1])
    for width, level in zip(WIDTHS[-2::-1], levels[::-1], strict=True):
        x = layers.Conv2DTranspose(width, 2, strides=2, padding="same")(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
        x = twice(layers.Concatenate()([level, x]), width)
    return keras.Model(image, layers.Conv2D(CLASSES, 1)(x))


NET = Net(name="U-Net", build=build, draw=normals(SIZE, SIZE, 3), size=f"{SIZE}²")
