"""Keras' activation functions in TensorFlow.js: one of its own, or layers that compute it.

Source: ``activations.js`` of tfjs-layers 4.22.0. Its hard_sigmoid is Keras 2's, clip(0.2 x + 0.5), not Keras 3's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tfjsci.layers.keras_model import Dialect
from tfjsci.layers.refused import RefusedError
from tfjsci.layers.sketch import Emitted, Sketch, Symbol

SAME: dict[str, str] = {
    "celu": "elu",  # with Keras' alpha of 1
    "elu": "elu",
    "gelu": "gelu",
    "linear": "linear",
    "log_softmax": "log_softmax",
    "mish": "mish",
    "relu": "relu",
    "relu6": "relu6",
    "selu": "selu",
    "sigmoid": "sigmoid",
    "silu": "swish",
    "softmax": "softmax",
    "softplus": "softplus",
    "softsign": "softsign",
    "swish": "swish",
    "tanh": "tanh",
}
"""Keras' name -> the runtime's, for functions that it computes alike."""

Helper = Callable[..., Emitted]


def _scaled(new: Helper, x: Symbol, scale: float, offset: float = 0.0) -> Symbol:
    return new("Rescaling", scale=scale, offset=offset).one(x)


def _named(new: Helper, x: Symbol, name: str) -> Symbol:
    return new("Activation", activation=name).one(x)


def leaky_relu(new: Helper, x: Symbol, slope: float = 0.2) -> Symbol:
    """max(x, slope x)."""
    return new("LeakyReLU", alpha=slope).one(x)


def hard_sigmoid(new: Helper, x: Symbol) -> Symbol:
    """relu6(x + 3) / 6 = clip(x/6 + 1/2, 0, 1)."""
    return new("ReLU", max_value=1.0).one(_scaled(new, x, 1 / 6, 0.5))


def _hard_silu(new: Helper, x: Symbol) -> Symbol:
    return new("Multiply").one(x, hard_sigmoid(new, x))


def _log_sigmoid(new: Helper, x: Symbol) -> Symbol:
    return _scaled(new, _named(new, _scaled(new, x, -1.0), "softplus"), -1.0)


def _hard_tanh(new: Helper, x: Symbol) -> Symbol:
    up = new("ReLU", max_value=1.0).one(x)
    down = new("ReLU", max_value=1.0).one(_scaled(new, x, -1.0))
    return new("Add").one(up, _scaled(new, down, -1.0))


def _tanh_shrink(new: Helper, x: Symbol) -> Symbol:
    return new("Add").one(x, _scaled(new, _named(new, x, "tanh"), -1.0))


def _soft_shrink(new: Helper, x: Symbol) -> Symbol:
    up = new("ReLU").one(_scaled(new, x, 1.0, -0.5))
    down = new("ReLU").one(_scaled(new, x, -1.0, -0.5))
    return new("Add").one(up, _scaled(new, down, -1.0))


def elu(new: Helper, x: Symbol, alpha: float) -> Symbol:
    """relu(x) + alpha elu(min(x, 0))."""
    below = _scaled(new, new("ReLU").one(_scaled(new, x, -1.0)), -1.0)
    return new("Add").one(new("ReLU").one(x), _scaled(new, _named(new, below, "elu"), alpha))


MADE_OF: dict[str, tuple[Callable[[Helper, Symbol], Symbol], str]] = {
    "hard_sigmoid": (hard_sigmoid, "Rescaling, ReLU (TensorFlow.js' own is Keras 2's)"),
    "hard_silu": (_hard_silu, "Rescaling, ReLU, Multiply"),
    "hard_swish": (_hard_silu, "Rescaling, ReLU, Multiply"),
    "hard_tanh": (_hard_tanh, "ReLU of both signs, Add"),
    "leaky_relu": (leaky_relu, "LeakyReLU"),
    "log_sigmoid": (_log_sigmoid, "Rescaling, softplus, Rescaling"),
    "soft_shrink": (_soft_shrink, "Rescaling, ReLU of both signs, Add"),
    "tanh_shrink": (_tanh_shrink, "tanh, Rescaling, Add"),
}
"""Functions that the runtime lacks and layers can compute, with what they are made of."""

Activated = tuple[str, Callable[[Symbol], Symbol] | None]


def activation(value: Any, dialect: Dialect, sketch: Sketch, near: str) -> Activated:
    """What the layer itself is given, and what follows it."""
    name, follows = "linear", None

    def new(class_name: str, **config: Any) -> Emitted:
        return sketch.helper(class_name, f"{near}_{class_name.lower()}", **config)

    if (own := own_name(value, dialect)) is not None:
        name = own
    elif isinstance(value, Mapping) and value.get("class_name") == "LeakyReLU":
        config = value["config"]
        slope = float(config.get("negative_slope", config.get("alpha", 0.3)))
        follows = lambda x: leaky_relu(new, x, slope)  # noqa: E731
    elif (made := MADE_OF.get(function_name(value))) is not None:
        follows = lambda x: made[0](new, x)  # noqa: E731
    else:
        raise RefusedError(f"TensorFlow.js has no activation {function_name(value)}")
    return name, follows


def own_name(value: Any, dialect: Dialect) -> str | None:
    """The runtime's name of the function, or None if it has none that computes the same."""
    name = function_name(value)
    if name == "hard_sigmoid":
        return "hard_sigmoid" if dialect == 2 else None
    return SAME.get(name)


def required_name(value: Any, dialect: Dialect) -> str:
    """For cells, inside of which no layer can follow."""
    name = own_name(value, dialect)
    if name is None:
        raise RefusedError(f"TensorFlow.js has no activation {function_name(value)} inside of a recurrent layer")
    return name


def function_name(value: Any) -> str:
    """Of a name, or of a function or layer written as an object."""
    if value is None:
        return "linear"
    if isinstance(value, Mapping):
        config = value.get("config")
        return str(config) if isinstance(config, str) else str(value.get("class_name"))
    return str(value)
