"""How a model was compiled, in the words of TensorFlow.js, or None where it has none for it.

Source: ``loadTrainingConfig`` and the tables of ``losses.js``, ``metrics.js`` and ``optimizers.js`` in tfjs-layers 4.22.0,
and the optimizers' ``fromConfig`` in tfjs-core.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LOSSES = {
    "mse": "mean_squared_error",
    "mean_squared_error": "mean_squared_error",
    "mae": "mean_absolute_error",
    "mean_absolute_error": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "mean_absolute_percentage_error": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error",
    "mean_squared_logarithmic_error": "mean_squared_logarithmic_error",
    "squared_hinge": "squared_hinge",
    "hinge": "hinge",
    "categorical_hinge": "categorical_hinge",
    "categorical_crossentropy": "categorical_crossentropy",
    "sparse_categorical_crossentropy": "sparse_categorical_crossentropy",
    "binary_crossentropy": "binary_crossentropy",
    "poisson": "poisson",
}
_METRICS = {
    "acc": "acc",
    "accuracy": "accuracy",
    "binary_accuracy": "binary_accuracy",
    "categorical_accuracy": "categorical_accuracy",
    "mse": "mse",
    "mean_squared_error": "mse",
    "mae": "mae",
    "mean_absolute_error": "mae",
    "mape": "mape",
}
_OPTIMIZERS: dict[str, dict[str, str]] = {
    "SGD": {"learning_rate": "learning_rate"},
    "Adam": {"learning_rate": "learning_rate", "beta_1": "beta1", "beta_2": "beta2", "epsilon": "epsilon"},
    "Adagrad": {"learning_rate": "learning_rate", "initial_accumulator_value": "initial_accumulator_value"},
    "Adadelta": {"learning_rate": "learning_rate", "rho": "rho", "epsilon": "epsilon"},
    "RMSprop": {"learning_rate": "learning_rate", "rho": "decay", "momentum": "momentum", "epsilon": "epsilon"},
}
"""Keras' arguments -> the runtime's."""

_RUNTIME_CLASSES = {"RMSprop": "RMSProp"}


def training_config(compiled: Any) -> tuple[dict[str, Any] | None, str | None]:
    """The top-level ``trainingConfig``, and what the reader should know where there is none though the model was compiled."""
    if not isinstance(compiled, Mapping) or not compiled.get("optimizer_config", compiled.get("optimizer")):
        return None, None
    try:
        optimizer = _optimizer(compiled.get("optimizer_config", compiled.get("optimizer")))
        loss = _loss(compiled.get("loss"))
        metrics = _metrics(compiled.get("metrics"))
    except _UnknownError as error:
        return None, f"how it was compiled is left out: TensorFlow.js has no {error}"
    for key in ("loss_weights", "weighted_metrics", "sample_weight_mode"):
        if compiled.get(key):
            return None, f"how it was compiled is left out: TensorFlow.js doesn't read {key}"
    return {"loss": loss, "metrics": metrics, "optimizer_config": optimizer}, None


class _UnknownError(Exception):
    pass


def _name(value: Any) -> str:
    if isinstance(value, Mapping):
        config = value.get("config")
        if isinstance(config, str):
            return config
        if isinstance(config, Mapping) and config.get("from_logits"):
            raise _UnknownError("loss of logits by name")
        return _snake(str(value.get("class_name")))
    return str(value)


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


def _optimizer(value: Any) -> dict[str, Any]:
    name, config = (value.get("class_name"), value.get("config", {})) if isinstance(value, Mapping) else (value, {})
    name = {"rmsprop": "RMSprop", "sgd": "SGD"}.get(str(name).lower(), str(name).rpartition(">")[2])
    name = next((known for known in _OPTIMIZERS if known.lower() == name.lower()), name)
    if name not in _OPTIMIZERS:
        raise _UnknownError(f"optimizer {name}")
    if name == "SGD" and config.get("momentum"):
        raise _UnknownError("SGD with momentum in a file")
    arguments = {
        runtime: config[key]
        for key, runtime in _OPTIMIZERS[name].items()
        if isinstance(config.get(key), int | float) and not isinstance(config.get(key), bool)
    }
    if "learning_rate" not in arguments:
        raise _UnknownError("learning rate that changes by a schedule")
    return {"class_name": _RUNTIME_CLASSES.get(name, name), "config": arguments}


def _loss(value: Any) -> Any:
    if isinstance(value, list):
        return [_loss(item) for item in value]
    if isinstance(value, Mapping) and "class_name" not in value:
        return {key: _loss(item) for key, item in value.items()}
    name = _name(value)
    if name not in _LOSSES:
        raise _UnknownError(f"loss {name}")
    return _LOSSES[name]


def _metrics(value: Any) -> list[str]:
    """Of models of one output; others' are left out, as the runtime tells outputs by names of its own."""
    items = value if isinstance(value, list) else []
    flat = [inner for item in items for inner in (item if isinstance(item, list) else [item])]
    names = [_METRICS.get(_name(item)) for item in flat if item is not None]
    return [name for name in names if name is not None]
