"""Two depthwise nets over digits: after MobileNet's blocks, and after MobileNetV2's inverted residuals.

Sources: Howard et al. (2017), Sandler et al. (2018).
"""

from __future__ import annotations

from typing import Any

from ..data import digits
from ..net import Trained


def separable() -> Any:
    """(batch, 8, 8, 1) -> (batch, 10) logits; about 360,000 parameters."""
    import keras

    layers = keras.layers
    image = keras.Input((8, 8, 1), name="image")
    x = _normed(layers.Conv2D(64, 3, padding="same", use_bias=False)(image))
    for width, stride in ((128, 1), (256, 2), (384, 1), (512, 2)):
        x = _normed(layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False)(x))
        x = _normed(layers.Conv2D(width, 1, use_bias=False)(x))
    return keras.Model(image, layers.Dense(10, name="logits")(layers.GlobalAveragePooling2D()(x)))


def inverted() -> Any:
    """(batch, 8, 8, 1) -> (batch, 10) logits; about 430,000 parameters."""
    import keras

    layers = keras.layers
    image = keras.Input((8, 8, 1), name="image")
    x = _normed(layers.Conv2D(32, 3, padding="same", use_bias=False)(image), most=6.0)
    for width, stride in ((48, 1), (48, 1), (96, 2), (96, 1), (128, 2)):
        y = _normed(layers.Conv2D(6 * x.shape[-1], 1, use_bias=False)(x), most=6.0)
        y = _normed(layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False)(y), most=6.0)
        y = _norm(layers.Conv2D(width, 1, use_bias=False)(y))
        x = layers.Add()([x, y]) if x.shape == y.shape else y
    x = _normed(layers.Conv2D(512, 1, use_bias=False)(x), most=6.0)
    return keras.Model(image, layers.Dense(10, name="logits")(layers.GlobalAveragePooling2D()(x)))


def _normed(x: Any, *, most: float | None = None) -> Any:
    import keras

    return keras.layers.ReLU(max_value=most)(_norm(x))


def _norm(x: Any) -> Any:
    """Its running statistics follow within the few hundred steps that there are."""
    import keras

    return keras.layers.BatchNormalization(momentum=0.9)(x)


NETS = (
    Trained(name="depthwise net", build=separable, data=digits, depthwise=True, digits=True),
    Trained(name="inverted residuals", build=inverted, data=digits, depthwise=True, digits=True),
)
