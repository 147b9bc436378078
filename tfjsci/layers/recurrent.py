"""Recurrent layers, their cells, and the wrappers Bidirectional and TimeDistributed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tfjsci.layers.activations import required_name
from tfjsci.layers.keras_model import MODELS, Dialect, KerasLayer
from tfjsci.layers.objects import initializer, refuse_quantized
from tfjsci.layers.parse import as_layer
from tfjsci.layers.refused import RefusedError
from tfjsci.layers.site import Apply, Site, refuse_arguments, weights_of
from tfjsci.layers.sketch import Emitted, Reader, Sketch, Symbol
from tfjsci.layers.stored import Reading, cells_in

_NAMES = ("kernel", "recurrent_kernel", "bias")
_FLAGS = ("return_sequences", "return_state", "go_backwards")
_INITIALIZERS = ("kernel_initializer", "recurrent_initializer", "bias_initializer")

Cell = tuple[str, dict[str, Any], dict[str, Reader]]
"""Class, config, and weights by the name below the layer's own."""


def recurrent(site: Site) -> Apply:
    """SimpleRNN, LSTM, GRU, and RNN with a cell or a stack of cells."""
    class_name, config, weights = _layer(site.layer)
    return _called(site, site.emit(class_name, config, weights), config)


def conv_lstm(site: Site) -> Apply:
    """ConvLSTM2D."""
    config = site.config
    _refuse_state(config)
    _refuse_channels_first(config)
    if config.get("go_backwards") and "webgl" in site.backends:
        raise RefusedError("it goes backwards, and webgl reverses at most four dimensions")
    kept = ("filters", "kernel_size", "strides", "padding", "dilation_rate", "unit_forget_bias")
    made = {
        **{key: config[key] for key in kept if key in config},
        **_common(config, site.layer.dialect),
        "data_format": "channels_last",
    }
    layer = site.emit("ConvLSTM2D", made, _read(site.layer, made["use_bias"]))
    return _called(site, layer, made)


def _layer(layer: KerasLayer) -> Cell:
    config = layer.config
    refuse_quantized(config)
    _refuse_state(config)
    flags = {key: bool(config.get(key)) for key in _FLAGS}
    if layer.class_name == "RNN":
        class_name, cell, weights = _any_cell(config["cell"], layer)
        if flags["return_state"] and class_name == "StackedRNNCells":
            raise RefusedError("it gives out the states of stacked cells, which TensorFlow.js orders otherwise")
        return "RNN", {**flags, "cell": {"class_name": class_name, "config": cell}}, weights
    config_of_cell, weights = _cell(layer.class_name, config, layer)
    return layer.class_name, {**flags, **config_of_cell}, weights


def _any_cell(cell: Mapping[str, Any], layer: KerasLayer) -> Cell:
    """The cell of an RNN: one, or a stack, whose weights are told apart by number."""
    class_name, config = str(cell["class_name"]).rpartition(">")[2], cell["config"]
    place = layer.place.part("cell")
    if class_name != "StackedRNNCells":
        made, weights = _cell(class_name.removesuffix("Cell"), config, replace(layer, place=place), cell_of=class_name)
        return class_name, {**made, "name": str(config.get("name", class_name))}, weights
    cells = config["cells"]
    listed = [(str(each["class_name"]), str(each["config"].get("name"))) for each in cells]
    found = cells_in(place, str(config.get("name")), listed)
    out: list[dict[str, Any]] = []
    weights = {}
    for i, (each, at) in enumerate(zip(cells, found, strict=True)):
        kind = str(each["class_name"])
        made, own = _cell(kind.removesuffix("Cell"), each["config"], replace(layer, place=at), cell_of=kind)
        out.append({"class_name": kind, "config": {**made, "name": f"cell_{i}"}})
        weights |= {f"RNNCell_{i}/{name}": read for name, read in own.items()}
    return "StackedRNNCells", {"cells": out, "name": str(config.get("name", "stacked"))}, weights


def _cell(
    kind: str, config: Mapping[str, Any], layer: KerasLayer, *, cell_of: str | None = None
) -> tuple[dict[str, Any], dict[str, Reader]]:
    if kind not in ("SimpleRNN", "LSTM", "GRU") or (cell_of is not None and not cell_of.endswith("Cell")):
        raise RefusedError(f"its cell {cell_of or kind} isn't one that TensorFlow.js has")
    refuse_quantized(config)
    if kind == "GRU" and config.get("reset_after", layer.dialect == 3):
        raise RefusedError(
            "its reset_after is True (Keras' default), TensorFlow.js' GRU resets before the product alone"
        )
    made = {"units": config["units"], **_common(config, layer.dialect)}
    if kind == "SimpleRNN":
        made.pop("recurrent_activation", None)
    if kind == "LSTM":
        made["unit_forget_bias"] = bool(config.get("unit_forget_bias", True))
    if kind == "GRU":
        made["reset_after"] = False
    return made, _read(layer, made["use_bias"], cell=cell_of is None)


def _common(config: Mapping[str, Any], dialect: Dialect) -> dict[str, Any]:
    gate = config.get("recurrent_activation", "sigmoid")
    return {
        "activation": required_name(config.get("activation", "tanh"), dialect),
        "recurrent_activation": required_name(gate, dialect),
        "use_bias": bool(config.get("use_bias", True)),
        "dropout": float(config.get("dropout") or 0.0),
        "recurrent_dropout": float(config.get("recurrent_dropout") or 0.0),
        **{key: initializer(config.get(key)) for key in _INITIALIZERS},
        **{key: bool(config.get(key)) for key in _FLAGS if key in config},
        **({"trainable": False} if config.get("trainable") is False else {}),
    }


def _read(layer: KerasLayer, bias: bool, *, cell: bool = True) -> dict[str, Reader]:
    """The weights of a layer, which Keras 3 keeps in its cell, or of a cell itself."""
    names = _NAMES if bias else _NAMES[:2]
    stored = layer.place.part("cell").weights() if cell else []
    return {name: Reading(weight) for name, weight in weights_of(stored or layer.place.weights(), names).items()}


def _refuse_state(config: Mapping[str, Any]) -> None:
    if config.get("stateful"):
        raise RefusedError(
            "it is stateful: TensorFlow.js would need a fixed batch size, and runs it once for each output"
        )


def _refuse_channels_first(config: Mapping[str, Any]) -> None:
    if config.get("data_format") == "channels_first":
        raise RefusedError("its data_format is channels_first")


def _called(site: Site, layer: Emitted, config: Mapping[str, Any]) -> Apply:
    """On a sequence and, if given, initial states."""

    def apply(inputs: Sequence[Symbol], kwargs: Mapping[str, Any]) -> list[Symbol]:
        refuse_arguments(kwargs)
        x = inputs[0]
        if x.mask is not None:
            if layer.class_name == "ConvLSTM2D":
                raise RefusedError("a mask reaches it, on which TensorFlow.js fails")
            if layer.class_name == "RNN" and config["cell"]["class_name"] == "StackedRNNCells":
                raise RefusedError(
                    "a mask reaches its stacked cells, which TensorFlow.js fills with another cell's state"
                )
            if len(inputs) > 1:
                raise RefusedError("it has initial states and a mask: steps masked at the start would differ")
            if site.config.get("zero_output_for_mask") and config.get("return_sequences"):
                raise RefusedError("its output is zero where it is masked (zero_output_for_mask)")
            if "webgpu" in site.backends:
                raise RefusedError(
                    "a mask reaches it, which TensorFlow.js transposes as a float of bools, and webgpu fails on "
                    "(without webgpu in --backends it is let through)"
                )
        if x.shape is None or x.shape[-1] is None:
            raise RefusedError("the size of its input's last axis isn't known")
        return layer.on(*inputs)

    return apply


def bidirectional(site: Site) -> Apply:
    """TensorFlow.js makes both directions from one config: the backward layer must be the forward one's mirror image."""
    forward, backward = site.config["layer"], site.config.get("backward_layer")
    inner = as_layer(forward, site.layer.dialect, site.layer.place.part("forward_layer"))
    if backward is not None and not _mirrored(forward, backward):
        raise RefusedError("its backward_layer isn't the forward layer turned round")
    name = inner.name.removeprefix("forward_")
    class_name, config, weights = _layer(inner)
    if class_name not in ("SimpleRNN", "LSTM", "GRU", "RNN"):
        raise RefusedError(f"it wraps {inner.class_name}")
    if config["go_backwards"]:
        raise RefusedError("its layer goes backwards itself")
    if class_name == "RNN" and config["return_state"]:
        raise RefusedError("it gives out the states of an RNN's cell")
    _, _, reverse = _layer(replace(inner, place=site.layer.place.part("backward_layer")))
    both = {f"forward_{name}/{key}": read for key, read in weights.items()}
    both |= {f"backward_{name}/{key}": read for key, read in reverse.items()}
    made = {
        "merge_mode": site.config.get("merge_mode", "concat"),
        "layer": {"class_name": class_name, "config": {**config, "name": name}},
    }
    layer = site.emit("Bidirectional", made, both)
    apply = _called(site, layer, config)

    def on_sequence(inputs: Sequence[Symbol], kwargs: Mapping[str, Any]) -> list[Symbol]:
        if len(inputs) > 1:
            raise RefusedError("it is given initial states")
        return apply(inputs, kwargs)

    return on_sequence


def _mirrored(forward: Mapping[str, Any], backward: Mapping[str, Any]) -> bool:
    if forward["class_name"] != backward["class_name"]:
        return False
    aside = {"name", "go_backwards", "dtype", "seed"}
    there, back = forward["config"], backward["config"]
    if bool(there.get("go_backwards")) == bool(back.get("go_backwards")):
        return False
    keys = (there.keys() | back.keys()) - aside
    return all(
        key.endswith(("_initializer", "_regularizer", "_constraint", "cell")) or there.get(key) == back.get(key)
        for key in keys
    )


def time_distributed(site: Site) -> Apply:
    """One layer at each step, or a model of several where the layer becomes more than one."""
    wrapped = as_layer(site.config["layer"], site.layer.dialect, site.layer.place.part("layer"))
    made: list[Emitted] = []

    def apply(inputs: Sequence[Symbol], kwargs: Mapping[str, Any]) -> list[Symbol]:
        refuse_arguments(kwargs)
        if len(inputs) != 1:
            raise RefusedError(f"it is called on {len(inputs)} tensors")
        x = inputs[0]
        if x.shape is None or len(x.shape) < 3:
            raise RefusedError("the rank of its input isn't known, or less than 3")
        if not made:
            made.append(_wrapping(site, wrapped, (x.shape[0], *x.shape[2:])))
        return made[0].on(x)

    return apply


def _wrapping(site: Site, wrapped: KerasLayer, step: tuple[int | None, ...]) -> Emitted:
    name = site.names.of(site.layer.name)
    if wrapped.class_name in MODELS:
        inner = site.nested(wrapped)
        if len(inner.inputs) != 1 or len(inner.outputs) != 1:
            raise RefusedError("it wraps a model of several inputs or outputs")
        return site.sketch.layer("TimeDistributed", name, {"layer": inner}, inner=inner)
    inner = Sketch(f"{wrapped.name}_step", site.names)
    x = inner.input(site.names.fresh(f"{wrapped.name}_input"), step, "float32")
    mapped: Callable[[Site], Apply] = site.mapper(wrapped)
    outputs = mapped(replace(site, layer=wrapped, sketch=inner))([x], {})
    if len(outputs) != 1:
        raise RefusedError(f"it wraps {wrapped.class_name} with several outputs")
    inner.outputs = list(outputs)
    layers = inner.layers[1:]
    if len(layers) == 1 and layers[0].calls == [(x,)] and layers[0].inner is None:
        own = layers[0]
        made = {"layer": {"class_name": own.class_name, "config": {**own.config, "name": own.name}}}
        return site.sketch.layer("TimeDistributed", name, made, weights=own.weights, inner=inner)
    return site.sketch.layer("TimeDistributed", name, {"layer": inner}, inner=inner)
