"""Batch and layer normalisation, and Normalization (fixed statistics) as a BatchNormalization."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tfjsci.graph.graph import Array
from tfjsci.layers.activation_layers import over_last_axis
from tfjsci.layers.refused import RefusedError
from tfjsci.layers.site import Apply, Site, known_shape, on_one
from tfjsci.layers.sketch import Emitted, Reader, Symbol

EPSILON = 1e-7
"""Keras' ``backend.epsilon()``: the least deviation that Normalization divides by."""


def batch_normalization(site: Site) -> Apply:
    """Over the last axis: kernels of wasm and cpu take channels for last whatever the axis says."""
    if site.get("renorm", False):
        raise RefusedError("it renormalises (renorm)")
    axis = site.get("axis", -1)
    axes = axis if isinstance(axis, list) else [axis]
    if len(axes) != 1:
        raise RefusedError(f"it is over the axes {axes}")
    center, scale = bool(site.get("center", True)), bool(site.get("scale", True))
    names = [*(["gamma"] if scale else []), *(["beta"] if center else []), "moving_mean", "moving_variance"]
    keys = ("momentum", "epsilon", "gamma_initializer", "beta_initializer", "gamma_regularizer", "beta_regularizer")
    config = {**site.kept(*keys), "axis": -1, "center": center, "scale": scale}
    layer = site.emit("BatchNormalization", config, site.readers(*names))
    return on_one(lambda x: over_last_axis(site, x, axes[0], lambda y: _of_low_rank(site, y, layer)))


def _of_low_rank(site: Site, x: Symbol, layer: Emitted) -> Symbol:
    """The runtime normalises two to four dimensions: of five, two become one for the while."""
    if x.rank is None:
        raise RefusedError("the rank of its input isn't known")
    if x.shape is None or x.shape[-1] is None:
        raise RefusedError("the number of its input's channels isn't known")
    if x.rank <= 4:
        return layer.one(x)
    shape = known_shape(x, f"{site.layer.class_name} of {x.rank} dimensions")
    merged = int(np.prod([size for size in shape[1:-2] if size is not None]))
    flat = site.helper("Reshape", target_shape=[merged, *shape[-2:]]).one(x)
    return site.helper("Reshape", target_shape=list(shape[1:])).one(layer.one(flat))


def layer_normalization(site: Site) -> Apply:
    """As it is, over axes in ascending order."""
    if site.get("rms_scaling", False):
        raise RefusedError("it scales by the root mean square (rms_scaling)")
    axis = site.get("axis", -1)
    axes = list(axis) if isinstance(axis, list) else [axis]
    center, scale = bool(site.get("center", True)), bool(site.get("scale", True))
    names = [*(["gamma"] if scale else []), *(["beta"] if center else [])]
    keys = ("epsilon", "gamma_initializer", "beta_initializer", "gamma_regularizer", "beta_regularizer")
    config = {**site.kept(*keys), "axis": axes, "center": center, "scale": scale}
    layer = site.emit("LayerNormalization", config, site.readers(*names))

    def apply(x: Symbol) -> Symbol:
        if x.rank is None or x.rank > 4:
            raise RefusedError(f"its input has {x.rank or 'unknown'} dimensions, TensorFlow.js normalises two to four")
        places = [each % x.rank for each in axes]
        if places != sorted(set(places)) or 0 in places:
            raise RefusedError(f"it is over the axes {axes}")
        return layer.one(x)

    return on_one(apply)


def normalization(site: Site) -> Apply:
    """(x - mean) / max(sqrt(variance), 1e-7) as a BatchNormalization with an epsilon of 0 and no gamma or beta."""
    if site.get("invert", False):
        raise RefusedError("it is inverted")
    axes = site.config.get("axis")
    axes = axes if isinstance(axes, list) else [axes]
    if len(axes) != 1 or axes[0] is None:
        raise RefusedError(f"it is over the axes {axes}, and can be over the last one alone")
    axis = int(axes[0])
    given = site.config.get("mean") is not None
    if not given:
        site.weights("mean", "variance")

    def read(name: str) -> Array:
        if given:
            return np.asarray(site.config[name], dtype=np.float32).reshape(-1)
        return site.weights("mean", "variance")[name].read().astype(np.float32).reshape(-1)

    weights: dict[str, Reader] = {
        "moving_mean": lambda: read("mean"),
        "moving_variance": lambda: np.maximum(read("variance"), np.float32(EPSILON**2)),
    }
    config = {"axis": -1, "epsilon": 0.0, "center": False, "scale": False, "trainable": False}
    layer = site.emit("BatchNormalization", config, weights)

    def apply(x: Symbol) -> Symbol:
        if axis != -1 and (x.rank is None or axis % x.rank != x.rank - 1):
            raise RefusedError(f"it is over the axes {axes}, and can be over the last one alone")
        return _of_low_rank(site, x, layer)

    return on_one(apply)


Mapper = Callable[[Site], Apply]
