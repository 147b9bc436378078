"""What Keras 2 wrote, in the words of Keras 3: the same layers, with the arguments that Keras 3 takes, and the same numbers.

Keras 3 reads such files itself, but for arguments that it has no more, and it takes ``hard_sigmoid`` for its own function,
which is another one: clip(x / 6 + 1/2, 0, 1), where Keras 2's is clip(x / 5 + 1/2, 0, 1).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Container, Iterator, Mapping
from pathlib import Path
from typing import Any

from tfjsci.graph.tensorflow import keras

HARD_SIGMOID = "hard_sigmoid_of_keras_2"
"""What the function is called in configs made here; :func:`functions` has it under this name."""

Config = dict[str, Any]


def _without(**neutral: Any) -> Callable[[Config], Config]:
    """Leave out arguments that say nothing: those of these values (``...``: whatever it is)."""

    def row(config: Config) -> Config:
        return {
            key: value for key, value in config.items() if key not in neutral or neutral[key] not in (..., value)
        }  # fmt: skip

    return row


def _one_axis(config: Config) -> Config:
    axis = config.get("axis")
    return {**config, "axis": axis[0]} if isinstance(axis, list) and len(axis) == 1 else config


def _only(*kept: str) -> Callable[[Config], Config]:
    return lambda config: {key: value for key, value in config.items() if key in kept}


_KERNEL = {"kernel_initializer": ..., "kernel_regularizer": ..., "kernel_constraint": ...}
_GROUPS = _without(groups=1)
_SEPARABLE = _without(groups=1, **_KERNEL)  # its own begin with depthwise_ and pointwise_
_RECURRENT = _without(time_major=False)
_RANDOM = _without(rng_type=...)
_DROPOUT = _only("rate", "data_format", "seed", "name", "dtype")

ROWS: dict[str, Callable[[Config], Config]] = {
    **dict.fromkeys(("DepthwiseConv1D", "DepthwiseConv2D"), _GROUPS),
    **dict.fromkeys(("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"), _GROUPS),
    **dict.fromkeys(("SeparableConv1D", "SeparableConv2D"), _SEPARABLE),
    **dict.fromkeys(("LSTM", "GRU", "SimpleRNN", "RNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"), _RECURRENT),
    **dict.fromkeys(("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"), _DROPOUT),
    **{
        f"Random{kind}": _RANDOM
        for kind in ("Flip", "Rotation", "Zoom", "Contrast", "Brightness", "Translation", "Crop", "Height", "Width")
    },
    "BatchNormalization": _one_axis,
    "MultiHeadAttention": _without(query_shape=..., key_shape=..., value_shape=..., softmax_robust_masking=False),
    "Attention": _without(score_mode="dot"),  # its default, for which Keras 3 finds a function of that name
    # its dtype was that of the output; in Keras 3 it is what the input is cast to
    "Discretization": _only("bin_boundaries", "num_bins", "epsilon", "output_mode", "sparse", "name"),
    "ThresholdedReLU": lambda config: {
        "threshold": config.get("theta", 1.0),
        **{key: config[key] for key in ("name", "dtype", "trainable") if key in config},
    },
}
"""A row for each layer that Keras 3 doesn't read as Keras 2 writes it."""

_CALLED = {"ThresholdedReLU": "ReLU"}
_ACTIVATIONS = ("activation", "recurrent_activation")


def is_of_keras_2(version: Any) -> bool:
    """Whether a file's ``keras_version`` is of Keras 1 or 2."""
    said = version.decode(errors="replace") if isinstance(version, bytes) else str(version or "")
    return said.partition(".")[0] in ("1", "2")


def functions() -> dict[str, Any]:
    """The functions that configs made here name."""

    return {HARD_SIGMOID: hard_sigmoid_of_keras_2}


def hard_sigmoid_of_keras_2(x: Any) -> Any:
    """clip(x / 5 + 1/2, 0, 1). Keras writes it by its name where a layer is made of another's config."""
    return keras().ops.clip(0.2 * x + 0.5, 0.0, 1.0)


def as_keras_3(config: Any) -> Any:
    """The config of a model of Keras 2 (as JSON has it) as Keras 3 reads it; what needs no change is left as it is."""
    if isinstance(config, list):
        return [as_keras_3(item) for item in config]
    if not isinstance(config, dict):
        return config
    changed = {key: as_keras_3(value) for key, value in config.items()}
    name, inner = changed.get("class_name"), changed.get("config")
    if not isinstance(name, str) or not isinstance(inner, dict):
        return changed
    own = ROWS[name](inner) if name in ROWS else inner
    if name in ("Functional", "Model") and isinstance(own.get("layers"), list):
        own = _with_calls_from_nought(own)
    activations = {key: _hard_sigmoid() for key in _ACTIVATIONS if own.get(key) == "hard_sigmoid"}
    return {**changed, "class_name": _CALLED.get(name, name), "config": {**own, **activations}}


def _with_calls_from_nought(config: Config) -> Config:
    """The calls of each Sequential inside count from 0: in Keras 2 its own graph was the first, and Keras 3 knows only of
    Functionals that they had one."""
    names = {
        str(layer.get("name") or layer["config"].get("name"))
        for layer in config["layers"]
        if isinstance(layer, dict) and layer.get("class_name") == "Sequential" and isinstance(layer.get("config"), dict)
    }
    read: dict[str, set[int]] = {}
    wiring = [layer.get("inbound_nodes") for layer in config["layers"] if isinstance(layer, dict)]
    for name, number in _references([wiring, config.get("input_layers"), config.get("output_layers")], names):
        read.setdefault(name, set()).add(number)
    later = {name for name, numbers in read.items() if 0 not in numbers}
    if not later:
        return config
    layers = [
        {**layer, "inbound_nodes": _one_less(layer["inbound_nodes"], later)} if "inbound_nodes" in layer else layer
        for layer in config["layers"]
    ]
    ends: Config = {key: _one_less(config[key], later) for key in ("input_layers", "output_layers") if key in config}
    return {**config, "layers": layers, **ends}


def _is_reference(value: Any, names: Container[str]) -> bool:
    """``["text", 1, 0, {}]``: a layer, which of its calls, which of that one's outputs."""
    return (
        isinstance(value, list)
        and len(value) >= 3
        and isinstance(value[0], str)
        and value[0] in names
        and isinstance(value[1], int)
        and isinstance(value[2], int)
    )


def _references(value: Any, names: Container[str]) -> Iterator[tuple[str, int]]:
    if _is_reference(value, names):
        yield value[0], value[1]
    for inner in value if isinstance(value, list) else value.values() if isinstance(value, dict) else ():
        yield from _references(inner, names)


def _one_less(value: Any, names: Container[str]) -> Any:
    if _is_reference(value, names):
        return [value[0], value[1] - 1, *(_one_less(inner, names) for inner in value[2:])]
    if isinstance(value, list):
        return [_one_less(inner, names) for inner in value]
    return {key: _one_less(inner, names) for key, inner in value.items()} if isinstance(value, dict) else value


def _hard_sigmoid() -> Config:
    return {"module": "builtins", "class_name": "function", "config": HARD_SIGMOID, "registered_name": "function"}


def write_as_keras_3(path: Path, config: Mapping[str, Any], file: Path) -> None:
    """Write ``file``: ``path`` (HDF5) with this config. Copied, as Keras refuses weights that are linked to."""
    import h5py

    shutil.copyfile(path, file)
    file.chmod(0o600)  # the copy may be changed, whatever the original is
    with h5py.File(file, "r+") as written:
        del written.attrs["model_config"]
        written.attrs["model_config"] = json.dumps(config)
