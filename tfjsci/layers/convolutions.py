"""Convolutions. What TensorFlow.js lacks in one dimension is computed in two, of which one has the size 1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tfjsci.graph.graph import Array
from tfjsci.layers.activations import activation
from tfjsci.layers.refused import RefusedError
from tfjsci.layers.same_padding import settled
from tfjsci.layers.shapes import pair
from tfjsci.layers.site import Apply, Site, known_shape, on_one, turned
from tfjsci.layers.sketch import Emitted, Reader, Symbol

_KEPT = ("filters", "kernel_initializer", "bias_initializer", "kernel_regularizer", "bias_regularizer")
_DEPTHWISE = (
    "depth_multiplier", "depthwise_initializer", "depthwise_regularizer", "bias_initializer", "bias_regularizer",
)  # fmt: skip
_POINTWISE = ("filters", "pointwise_initializer", "pointwise_regularizer")


def conv(rank: int) -> Callable[[Site], Apply]:
    """Conv1D, Conv2D, Conv3D."""

    def mapper(site: Site) -> Apply:
        _refuse_channels_first(site)
        groups = int(site.get("groups", 1))
        if groups != 1:
            if rank == 2:
                return _one_group_a_channel(site, groups)
            raise RefusedError(f"it has {groups} groups, TensorFlow.js' convolutions have one")
        causal = site.get("padding") == "causal"
        common = _common(site, rank)
        if causal and rank != 1:
            raise RefusedError("its padding is causal")
        weights = _weights(site, "kernel")
        if not causal:
            return _applied(site, f"Conv{rank}D", {**site.kept(*_KEPT), **common}, weights)
        config = {**site.kept(*_KEPT), **common, "padding": "valid"}
        before = (config["kernel_size"][0] - 1) * config["dilation_rate"][0]
        return _applied(site, "Conv1D", config, weights, lambda x: _padded_in_time(site, x, (before, 0)))

    return mapper


def _one_group_a_channel(site: Site, groups: int) -> Apply:
    """As many groups as channels: a DepthwiseConv2D, kernel (h, w, 1, c m) -> (h, w, c, m)."""
    kernel = site.weights("kernel")["kernel"]
    height, width, per_group, filters = kernel.shape
    if per_group != 1 or filters % groups:
        raise RefusedError(f"it has {groups} groups, TensorFlow.js' convolutions have one")
    common = _common(site, 2)
    _refuse_dilation(common)
    shape = (height, width, groups, filters // groups)
    weights = _weights(site, "kernel")
    weights = {"depthwise_kernel": turned(weights.pop("kernel"), lambda value: value.reshape(shape)), **weights}
    config = {**site.kept("bias_initializer", "bias_regularizer"), **common, "depth_multiplier": filters // groups}
    return _applied(site, "DepthwiseConv2D", config, weights)


def conv_transpose(rank: int) -> Callable[[Site], Apply]:
    """Conv1DTranspose (as a Conv2DTranspose), Conv2DTranspose, Conv3DTranspose."""

    def mapper(site: Site) -> Apply:
        _refuse_channels_first(site)
        if site.config.get("output_padding") is not None:
            raise RefusedError("it has an output_padding, TensorFlow.js ignores it")
        common = _common(site, rank)
        if any(rate != 1 for rate in common["dilation_rate"]):
            raise RefusedError("it is dilated, TensorFlow.js ignores it")
        if rank == 3 and "wasm" in site.backends:
            raise RefusedError(
                "TensorFlow.js computes it wrongly on wasm (without wasm in --backends it is let through)"
            )
        weights, config = _weights(site, "kernel"), {**site.kept(*_KEPT), **common}
        if rank == 1:
            return _in_two(site, "Conv2DTranspose", config, weights, ("kernel",))
        return _applied(site, f"Conv{rank}DTranspose", config, weights)

    return mapper


def depthwise(rank: int) -> Callable[[Site], Apply]:
    """DepthwiseConv1D (in two dimensions) and DepthwiseConv2D, which calls the kernel ``depthwise_kernel``."""

    def mapper(site: Site) -> Apply:
        _refuse_channels_first(site)
        common = _common(site, rank)
        _refuse_dilation(common)
        stored = site.layer.place.weights()
        name = "depthwise_kernel" if any(weight.name == "depthwise_kernel" for weight in stored) else "kernel"
        found = _weights(site, name)
        weights = {"depthwise_kernel": found.pop(name), **found}
        config = {**site.kept(*_DEPTHWISE), **common}
        if rank == 1:
            return _in_two(site, "DepthwiseConv2D", config, weights, ("depthwise_kernel",))
        return _applied(site, "DepthwiseConv2D", config, weights)

    return mapper


def separable(rank: int) -> Callable[[Site], Apply]:
    """SeparableConv1D (in two dimensions) and SeparableConv2D."""

    def mapper(site: Site) -> Apply:
        _refuse_channels_first(site)
        common = _common(site, rank)
        weights = _weights(site, "depthwise_kernel", "pointwise_kernel")
        config = {**site.kept(*_DEPTHWISE, *_POINTWISE), **common}
        if rank == 2:
            return _applied(site, "SeparableConv2D", config, weights)
        causal = common["padding"] == "causal"
        before = (common["kernel_size"][0] - 1) * common["dilation_rate"][0] if causal else 0
        config["padding"] = "valid" if causal else common["padding"]
        both = ("depthwise_kernel", "pointwise_kernel")
        return _in_two(site, "SeparableConv2D", config, weights, both, before)

    return mapper


def _common(site: Site, rank: int) -> dict[str, Any]:
    strides = pair(site.get("strides", 1), rank)
    if site.layer.class_name.startswith(("Depthwise", "Separable")) and len(set(strides)) > 1:
        raise RefusedError(f"its strides {strides} aren't equal")
    return {
        "kernel_size": pair(site.config["kernel_size"], rank),
        "strides": strides,
        "padding": site.get("padding", "valid"),
        "dilation_rate": pair(site.get("dilation_rate", 1), rank),
        "use_bias": bool(site.get("use_bias", True)),
    }


def _weights(site: Site, *names: str) -> dict[str, Reader]:
    return site.readers(*names, *(["bias"] if site.get("use_bias", True) else []))


def _applied(
    site: Site,
    class_name: str,
    config: Mapping[str, Any],
    weights: Mapping[str, Reader],
    before: Callable[[Symbol], Symbol] | None = None,
    after: Callable[[Symbol, Symbol], Symbol] | None = None,
) -> Apply:
    """``before`` and ``after`` (of the layer's input and its output) stand around it, then comes the activation."""
    own, follows = activation(site.config.get("activation"), site.layer.dialect, site.sketch, site.layer.name)
    layer = site.emit(class_name, {**config, "data_format": "channels_last", "activation": own}, weights)

    def apply(x: Symbol) -> Symbol:
        if x.shape is None or x.shape[-1] is None:
            raise RefusedError("the number of its input's channels isn't known")
        out = layer.one(_settled(site, before(x) if before else x, layer))
        out = after(x, out) if after else out
        return follows(out) if follows else out

    return on_one(apply)


def _settled(site: Site, x: Symbol, layer: Emitted) -> Symbol:
    """The input, padded where the layer's own "same" would be another one; the layer is told."""
    config = layer.config
    if layer.class_name.endswith("Transpose") or site.get("padding") != "same":
        return x
    how, pads = settled(x, config["kernel_size"], config["strides"], config["dilation_rate"])
    if layer.calls and config["padding"] != how:
        raise RefusedError("its padding is same, and its calls need different ones")
    config["padding"] = how
    if pads is None:
        return x
    if len(pads) == 1:
        return _padded_in_time(site, x, (pads[0][0], pads[0][1]))
    return site.helper("ZeroPadding2D", padding=pads, data_format="channels_last").one(x)


def _in_two(
    site: Site,
    class_name: str,
    config: dict[str, Any],
    weights: dict[str, Reader],
    kernels: tuple[str, ...],
    padded: int = 0,
) -> Apply:
    """One dimension as two: (t, c) -> (t, 1, c), with kernels (k, ...) -> (k, 1, ...), and back.

    Strides must be equal for a depthwise kernel: over a size of 1 every stride gives 1.
    """
    stride = config["strides"][0]
    wide = {
        **config,
        "kernel_size": [*config["kernel_size"], 1],
        "strides": [stride, 1 if class_name == "Conv2DTranspose" else stride],
        "dilation_rate": [*config["dilation_rate"], 1],
    }
    if class_name == "SeparableConv2D" and config["dilation_rate"][0] != 1:
        wide["dilation_rate"] = config["dilation_rate"] * 2  # a kernel of 1 is the same at every rate

    def wider(value: Array) -> Array:
        return np.expand_dims(value, 1)

    turned_weights = {name: turned(read, wider) if name in kernels else read for name, read in weights.items()}

    def before(x: Symbol) -> Symbol:
        shape = known_shape(x, site.layer.class_name)
        wide_x = site.helper("Reshape", target_shape=[shape[1], 1, shape[2]]).one(x)
        if not padded:
            return wide_x
        return site.helper("ZeroPadding2D", padding=[[padded, 0], [0, 0]]).one(wide_x)

    def after(_: Symbol, out: Symbol) -> Symbol:
        shape = known_shape(out, site.layer.class_name)
        return site.helper("Reshape", target_shape=[shape[1], shape[3]]).one(out)

    return _applied(site, class_name, wide, turned_weights, before, after)


def _padded_in_time(site: Site, x: Symbol, ends: tuple[int, int]) -> Symbol:
    """(t, c) with zeros before and after, by way of (t, 1, c): there is no ZeroPadding1D."""
    if not any(ends):
        return x
    shape = known_shape(x, "padding in one dimension")
    wide = site.helper("Reshape", target_shape=[shape[1], 1, shape[2]]).one(x)
    padded = site.helper("ZeroPadding2D", padding=[list(ends), [0, 0]]).one(wide)
    length = known_shape(padded, "padding in one dimension")[1]
    return site.helper("Reshape", target_shape=[length, shape[2]]).one(padded)


def zero_padding_1d(site: Site) -> Apply:
    """By way of two dimensions."""
    _refuse_channels_first(site)
    padding = site.get("padding", 1)
    before, after = padding if isinstance(padding, list) else (padding, padding)
    return on_one(lambda x: _padded_in_time(site, x, (before, after)))


def _refuse_channels_first(site: Site) -> None:
    if site.get("data_format") == "channels_first":
        raise RefusedError("its data_format is channels_first")


def _refuse_dilation(common: Mapping[str, Any]) -> None:
    if any(rate != 1 for rate in common["dilation_rate"]):
        raise RefusedError("it is dilated, TensorFlow.js' DepthwiseConv2D ignores it")
