"""TensorFlow.js' layers in Keras 3's words: the class and its arguments, a row for each layer that the runtime has.

Only what is in a row goes through, so that nothing in a file names a class or a function that isn't meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tfjsci.layers.keras_model import KerasLayer
from tfjsci.layers.refused import RefusedError

_ACTIVATIONS = frozenset(
    {
        "elu", "gelu", "hard_sigmoid", "linear", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "softmax",
        "softplus", "softsign", "swish", "tanh",
    }
)  # fmt: skip
"""The runtime's, all but hard_sigmoid the same as Keras'."""

_KERNEL = ("kernel_initializer", "kernel_regularizer", "kernel_constraint")
_BIAS = ("use_bias", "bias_initializer", "bias_regularizer", "bias_constraint")
_DEPTHWISE = ("depthwise_initializer", "depthwise_regularizer", "depthwise_constraint", "depth_multiplier")
_POINTWISE = ("pointwise_initializer", "pointwise_regularizer", "pointwise_constraint")
_SPACE = ("kernel_size", "strides", "padding", "data_format", "dilation_rate")
_CONV = ("filters", *_SPACE, "activation", *_KERNEL, *_BIAS)
_POOL = ("pool_size", "strides", "padding", "data_format")
_CELL = (
    "units", "activation", "recurrent_activation", *_KERNEL, *_BIAS, "recurrent_initializer", "recurrent_regularizer",
    "recurrent_constraint", "dropout", "recurrent_dropout",
)  # fmt: skip
_RECURRENT = ("return_sequences", "return_state", "go_backwards", "unroll")
_NORM = (
    "axis", "epsilon", "center", "scale", "gamma_initializer", "gamma_regularizer", "gamma_constraint",
    "beta_initializer", "beta_regularizer", "beta_constraint",
)  # fmt: skip

ROWS: dict[str, tuple[str, ...]] = {
    "Activation": ("activation",),
    **dict.fromkeys(("Add", "Average", "Maximum", "Minimum", "Multiply"), ()),
    "AlphaDropout": ("rate", "noise_shape"),
    **{f"{kind}Pooling{rank}D": _POOL for kind in ("Average", "Max") for rank in (1, 2, 3)},
    "BatchNormalization": (*_NORM, "momentum", "moving_mean_initializer", "moving_variance_initializer"),
    "Bidirectional": ("merge_mode",),
    "Concatenate": ("axis",),
    "Conv1D": _CONV,
    "Conv2D": _CONV,
    "Conv2DTranspose": tuple(key for key in _CONV if key != "dilation_rate"),
    "Conv3D": _CONV,
    "Conv3DTranspose": tuple(key for key in _CONV if key != "dilation_rate"),
    "ConvLSTM2D": ("filters", *_SPACE, *_CELL[1:], *_RECURRENT[:3], "unit_forget_bias"),
    "Cropping2D": ("cropping", "data_format"),
    "Dense": ("units", "activation", *_KERNEL, *_BIAS),
    "DepthwiseConv2D": (*_SPACE, "activation", *_DEPTHWISE, *_BIAS),
    "Dot": ("axes", "normalize"),
    "Dropout": ("rate", "noise_shape"),
    "ELU": ("alpha",),
    "Embedding": (
        "input_dim",
        "output_dim",
        "mask_zero",
        "embeddings_initializer",
        "embeddings_regularizer",
        "embeddings_constraint",
    ),
    "Flatten": ("data_format",),
    "GRU": (*_CELL, *_RECURRENT),
    "GRUCell": _CELL,
    "GaussianDropout": ("rate",),
    "GaussianNoise": ("stddev",),
    **{f"Global{kind}Pooling{rank}D": ("data_format",) for kind in ("Average", "Max") for rank in (1, 2)},
    "LSTM": (*_CELL, *_RECURRENT, "unit_forget_bias"),
    "LSTMCell": (*_CELL, "unit_forget_bias"),
    "LayerNormalization": _NORM,
    "LeakyReLU": (),
    "Masking": ("mask_value",),
    "PReLU": ("alpha_initializer", "alpha_regularizer", "alpha_constraint", "shared_axes"),
    "Permute": ("dims",),
    "RNN": _RECURRENT,
    "ReLU": ("max_value",),
    "RepeatVector": ("n",),
    "Rescaling": ("scale", "offset"),
    "Reshape": ("target_shape",),
    "SeparableConv2D": ("filters", *_SPACE, "activation", *_DEPTHWISE, *_POINTWISE, *_BIAS),
    "SimpleRNN": (*(key for key in _CELL if key != "recurrent_activation"), *_RECURRENT),
    "SimpleRNNCell": tuple(key for key in _CELL if key != "recurrent_activation"),
    "Softmax": ("axis",),
    "SpatialDropout1D": ("rate",),
    "ThresholdedReLU": (),
    "TimeDistributed": (),
    "UpSampling2D": ("size", "data_format", "interpolation"),
    "ZeroPadding2D": ("padding", "data_format"),
}
"""By class: the entries that Keras 3 spells alike. What is missing in a file has the same default on both sides, but for
what :func:`keras_3` says."""

_INITIALIZERS = {
    "Zeros": (), "Ones": (), "Constant": ("value",), "RandomUniform": ("minval", "maxval"), "RandomNormal": ("mean", "stddev"),
    "TruncatedNormal": ("mean", "stddev"), "Identity": ("gain",), "VarianceScaling": ("scale", "mode", "distribution"),
    "GlorotUniform": (), "GlorotNormal": (), "HeUniform": (), "HeNormal": (), "LeCunUniform": (), "LeCunNormal": (),
    "Orthogonal": ("gain",),
}  # fmt: skip
_CONSTRAINTS = {
    "MaxNorm": ("max_value", "axis"), "UnitNorm": ("axis",), "NonNeg": (),
    "MinMaxNorm": ("min_value", "max_value", "rate", "axis"),
}  # fmt: skip
_SPELLED = {"LeCunUniform": "LecunUniform", "LeCunNormal": "LecunNormal"}
_DISTRIBUTIONS = {"normal": "truncated_normal"}  # the runtime cuts off both


def keras_3(layer: KerasLayer, cell: str | None = None) -> tuple[str, dict[str, Any]]:
    """Keras 3's class and arguments of a layer, wrapped layers and cells left out; ``cell`` is the class of a cell.

    Raises ``RefusedError`` for a layer that isn't in :data:`ROWS`, and for what Keras computes otherwise.
    """
    class_name, config = cell or layer.class_name, layer.config
    if class_name not in ROWS:
        raise RefusedError("no layer of Keras computes the same")
    made = {key: _argument(key, config[key]) for key in ROWS[class_name] if config.get(key) is not None}
    if class_name in ("LSTM", "LSTMCell", "GRU", "GRUCell", "ConvLSTM2D"):
        made.setdefault("recurrent_activation", "hard_sigmoid")  # the runtime's default, not Keras'
    if class_name in ("GRU", "GRUCell"):
        made["reset_after"] = False
    if class_name == "LeakyReLU":
        made["negative_slope"] = config.get("alpha", 0.3)
    if class_name == "ThresholdedReLU":  # x where x > theta, else 0: of which Keras 3 has this alone
        return "ReLU", {"threshold": config.get("theta", 1.0)}
    if class_name == "Concatenate" and int(made.get("axis", -1)) < -1:
        raise RefusedError(f"its axis is {made['axis']}, and TensorFlow.js takes every negative axis for the last one")
    if class_name == "Bidirectional":
        made["merge_mode"] = config.get("merge_mode", "concat")  # null is a mode, too
    return class_name, made


def _argument(key: str, value: Any) -> Any:
    if key.endswith("_initializer"):
        return _object(value, _INITIALIZERS) or {"class_name": "Zeros", "config": {}}
    if key.endswith("_constraint"):
        return _object(value, _CONSTRAINTS)
    if key.endswith("_regularizer"):
        return _object(value, {"L1L2": ("l1", "l2")})
    if key.endswith("activation"):
        name = str(value)
        if name not in _ACTIVATIONS:
            raise RefusedError(f"its {key} {name!r} isn't one of Keras'")
        return name
    return value


def _object(value: Any, known: Mapping[str, tuple[str, ...]]) -> dict[str, Any] | None:
    """One of the ``known`` classes with the arguments that it takes, or None: only training would notice."""
    name = str(value.get("class_name") if isinstance(value, Mapping) else value)
    config = value.get("config") if isinstance(value, Mapping) else None
    plain = "".join(part[:1].upper() + part[1:] for part in name.split("_"))
    if plain not in known:
        return None
    given = config if isinstance(config, Mapping) else {}
    kept = {key: given[key] for key in known[plain] if isinstance(given.get(key), int | float | str)}
    if "distribution" in kept:
        kept["distribution"] = _DISTRIBUTIONS.get(str(kept["distribution"]), kept["distribution"])
    return {"class_name": _SPELLED.get(plain, plain), "config": kept}
