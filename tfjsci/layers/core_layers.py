"""Dense, Embedding, shapes, and what does nothing at inference."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from tfjsci.layers.activations import activation
from tfjsci.layers.objects import number
from tfjsci.layers.refused import RefusedError
from tfjsci.layers.site import Apply, Site, known_shape, on_one
from tfjsci.layers.sketch import Symbol


def dense(site: Site) -> Apply:
    """Over the last axis of any rank."""
    bias = bool(site.get("use_bias", True))
    own, follows = activation(site.config.get("activation"), site.layer.dialect, site.sketch, site.layer.name)
    keys = ("units", "kernel_initializer", "bias_initializer", "kernel_regularizer", "bias_regularizer")
    layer = site.emit(
        "Dense",
        {**site.kept(*keys), "use_bias": bias, "activation": own},
        site.readers("kernel", *(["bias"] if bias else [])),
    )

    def apply(x: Symbol) -> Symbol:
        if x.shape is None or len(x.shape) < 2 or x.shape[-1] is None:
            raise RefusedError("the size of its input's last axis isn't known")
        out = layer.one(x)
        return follows(out) if follows else out

    return on_one(apply)


def embedding(site: Site) -> Apply:
    """Rows by index, and with mask_zero a mask."""
    config = {**site.kept("input_dim", "output_dim", "embeddings_initializer", "embeddings_regularizer")}
    layer = site.emit("Embedding", {**config, "mask_zero": bool(site.get("mask_zero"))}, site.readers("embeddings"))
    return on_one(layer.one)


def activation_layer(site: Site) -> Apply:
    """An Activation, or the layers that compute the function."""
    own, follows = activation(site.config.get("activation"), site.layer.dialect, site.sketch, site.layer.name)
    if follows is not None:
        return on_one(follows)
    return on_one(site.emit("Activation", {**site.kept(), "activation": own}).one)


def identity(site: Site) -> Apply:
    """``linear``: what the layer does at inference. A mask goes through."""
    return on_one(site.emit("Activation", {"activation": "linear"}).one)


def only_in_training(site: Site) -> Apply:
    """Augmentation and the like, which TensorFlow.js lacks and inference doesn't need."""
    name, class_name = site.layer.name, site.layer.class_name
    site.note(f"{name}: {class_name} does nothing at inference, and won't when it is trained in TF.js")
    apply = identity(site)

    def call(inputs: Sequence[Symbol], kwargs: Mapping[str, Any]) -> list[Symbol]:
        # Keras 3 writes training=True, the default of some of these layers, and overrides it when it predicts
        own_default = site.layer.dialect == 3
        return apply(inputs, {key: value for key, value in kwargs.items() if key != "training" or not own_default})

    return call


def dropout(site: Site) -> Apply:
    """As it is, without its seed."""
    return on_one(site.emit(site.layer.class_name, site.kept("rate", "noise_shape", "stddev")).one)


def masking(site: Site) -> Apply:
    """Zeroes what equals the value in all features, and masks it."""
    return on_one(site.emit("Masking", {"mask_value": number(site.config.get("mask_value"), 0.0)}).one)


def flatten(site: Site) -> Apply:
    """Of a vector nothing is to be flattened, and of a single number it makes a column: TensorFlow.js refuses both."""

    def apply(x: Symbol) -> Symbol:
        known_shape(x, "Flatten")
        if x.rank == 1:
            return site.helper("Reshape", target_shape=[1]).one(x)
        if x.rank == 2:
            return site.helper("Activation", activation="linear").one(x)
        if site.get("data_format") == "channels_first":
            raise RefusedError("its data_format is channels_first")
        return layer.one(x)

    layer = site.emit("Flatten", {})
    return on_one(apply)


def reshape(site: Site) -> Apply:
    """With -1 replaced by the size that it stands for: the runtime leaves it open, and the next layer fails."""
    wanted = list(site.config["target_shape"])

    def apply(x: Symbol) -> Symbol:
        return site.sketch.helper("Reshape", site.layer.name, target_shape=resolved(x, wanted)).one(x)

    return on_one(apply)


def resolved(x: Symbol, wanted: list[int]) -> list[int]:
    """The target shape (without batch) as numbers, where the input's shape tells them."""
    if -1 not in wanted or x.shape is None or None in x.shape[1:]:
        return wanted
    rest = math.prod(size for size in wanted if size != -1)
    total = math.prod(size for size in x.shape[1:] if size is not None)
    return [total // rest if size == -1 and rest else size for size in wanted]


def permute(site: Site) -> Apply:
    """As it is."""
    return on_one(site.emit("Permute", site.kept("dims")).one)


def repeat_vector(site: Site) -> Apply:
    """As it is."""
    return on_one(site.emit("RepeatVector", site.kept("n")).one)


def rescaling(site: Site) -> Apply:
    """scale x + offset, both numbers or lists over the last axis."""

    def plain(value: object, default: float) -> object:
        return value if isinstance(value, list) else number(value, default)

    scale, offset = plain(site.config.get("scale"), 1.0), plain(site.config.get("offset"), 0.0)
    layer = site.emit("Rescaling", {"scale": scale, "offset": offset})

    def apply(x: Symbol) -> Symbol:
        several = isinstance(scale, list) or isinstance(offset, list)
        if several and "webgpu" in site.backends and (x.rank or 5) > 4:
            raise RefusedError("it scales each channel of five dimensions, which webgpu computes wrongly")
        return layer.one(x)

    return on_one(apply)
