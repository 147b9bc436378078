"""Activations that are layers of their own."""

from __future__ import annotations

from tfjsci.layers.activations import elu, leaky_relu
from tfjsci.layers.objects import number
from tfjsci.layers.refused import RefusedError
from tfjsci.layers.site import Apply, Site, on_one
from tfjsci.layers.sketch import Symbol


def relu(site: Site) -> Apply:
    """TensorFlow.js' ReLU has max_value alone: a slope without it is a LeakyReLU."""
    slope, threshold = number(site.config.get("negative_slope"), 0.0), number(site.config.get("threshold"), 0.0)
    maximum = site.config.get("max_value")
    if threshold:
        raise RefusedError(f"its threshold is {threshold}, TensorFlow.js' ReLU has none")
    if slope and maximum is not None:
        raise RefusedError("it has a negative_slope and a max_value, TensorFlow.js' layers have one or the other")
    if slope:
        return on_one(site.emit("LeakyReLU", {"alpha": slope}).one)
    return on_one(site.emit("ReLU", {} if maximum is None else {"max_value": number(maximum)}).one)


def leaky(site: Site) -> Apply:
    """``negative_slope`` (Keras 3) is ``alpha`` here; what isn't given would silently be 0.3."""
    given = site.config.get("negative_slope", site.config.get("alpha"))
    return on_one(site.emit("LeakyReLU", {"alpha": number(given, 0.3)}).one)


def prelu(site: Site) -> Apply:
    """As it is, unless an axis is shared behind one that isn't: wasm repeats alpha over the whole."""
    config = site.kept("alpha_initializer", "alpha_regularizer", "shared_axes")
    shared = sorted(config.get("shared_axes") or [])
    if "wasm" in site.backends and shared != list(range(1, len(shared) + 1)):
        raise RefusedError(
            f"it shares the axes {shared} and not those before, which TensorFlow.js computes wrongly on wasm"
        )
    return on_one(site.emit("PReLU", config, site.readers("alpha")).one)


def elu_layer(site: Site) -> Apply:
    """TensorFlow.js' ELU has an alpha of 1: another one is made of ReLU, elu and Rescaling."""
    alpha = number(site.config.get("alpha"), 1.0)
    if alpha == 1.0:
        return on_one(site.emit("ELU", {"alpha": 1.0}).one)
    return on_one(lambda x: elu(site.helper, x, alpha))


def thresholded_relu(site: Site) -> Apply:
    """As it is (Keras 2 alone has it)."""
    return on_one(site.emit("ThresholdedReLU", {"theta": number(site.config.get("theta"), 1.0)}).one)


def softmax(site: Site) -> Apply:
    """Over the last axis an Activation (TensorFlow.js' Softmax reads masks that aren't its own); others are turned last."""
    axis = site.get("axis", -1)
    axes = axis if isinstance(axis, list) else [axis]
    if len(axes) != 1:
        raise RefusedError(f"it is over the axes {axes}")

    def apply(x: Symbol) -> Symbol:
        if x.mask is not None:
            raise RefusedError("a mask reaches it, with which TensorFlow.js computes something else")
        return over_last_axis(site, x, axes[0], lambda y: activated(site, y))

    return on_one(apply)


def activated(site: Site, x: Symbol) -> Symbol:
    """Over the last axis."""
    return site.sketch.helper("Activation", site.layer.name, activation="softmax").one(x)


def over_last_axis(site: Site, x: Symbol, axis: int, compute: object) -> Symbol:
    """``compute`` on ``x`` with the axis turned last, and turned back."""
    assert callable(compute)
    if axis == -1:
        return compute(x)  # type: ignore[no-any-return]
    if x.rank is None:
        raise RefusedError(f"it is over axis {axis}, and the rank of its input isn't known")
    place = axis % x.rank
    if place == 0:
        raise RefusedError("it is over the batch")
    if place == x.rank - 1:
        return compute(x)  # type: ignore[no-any-return]
    there = [i for i in range(1, x.rank) if i != place] + [place]
    back = [there.index(i) + 1 for i in range(1, x.rank)]
    turned = site.helper("Permute", dims=there).one(x)
    return site.helper("Permute", dims=back).one(compute(turned))


__all__ = ["elu_layer", "leaky", "leaky_relu", "over_last_axis", "prelu", "relu", "softmax", "thresholded_relu"]
