"""How a model was compiled, in the words of TensorFlow.js, or None where it has none for it.

Source: ``loadTrainingConfig`` and the tables of ``losses.js`` and ``metrics.js`` in tfjs-layers 4.22.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tfjsci.layers.optimizers import UnknownError, described

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


def training_config(
    compiled: Any, outputs: Mapping[str, str] | None = None
) -> tuple[dict[str, Any] | None, str | None]:
    """The top-level ``trainingConfig``, and what the reader should know: why there is none though the model was compiled,
    or where the runtime's optimizer goes another way than Keras'. ``outputs`` are the runtime's names of outputs by Keras'.
    """
    told = optimizer_in(compiled)
    if told is None:
        unnamed = isinstance(compiled, Mapping) and bool(compiled.get("loss"))
        return None, "how it was compiled is left out: the file doesn't tell the optimizer" if unnamed else None
    try:
        optimizer = described(told)
        loss = _loss(compiled.get("loss"), outputs)
        metrics = _metrics(compiled.get("metrics"))
    except UnknownError as error:
        return None, f"how it was compiled is left out: TensorFlow.js has no {error}"
    for key in ("loss_weights", "weighted_metrics", "sample_weight_mode"):
        if compiled.get(key):
            return None, f"how it was compiled is left out: TensorFlow.js doesn't read {key}"
    config = {"loss": loss, "metrics": metrics, "optimizer_config": optimizer.for_runtime}
    return config, "; ".join(optimizer.differences) or None


def optimizer_in(compiled: Any) -> Any:
    """What Keras wrote of the optimizer, or None for a model that wasn't compiled."""
    if not isinstance(compiled, Mapping):
        return None
    return compiled.get("optimizer_config", compiled.get("optimizer")) or None


def _name(value: Any) -> str:
    if isinstance(value, Mapping):
        config = value.get("config")
        if isinstance(config, str):
            return config
        if isinstance(config, Mapping) and config.get("from_logits"):
            raise UnknownError("loss of logits by name")
        return _snake(str(value.get("class_name")))
    return str(value)


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


def _loss(value: Any, outputs: Mapping[str, str] | None = None) -> Any:
    if isinstance(value, list):
        return [_loss(item) for item in value]
    if isinstance(value, Mapping) and "class_name" not in value:
        if outputs is not None and (odd := sorted(set(value) - outputs.keys())):
            raise UnknownError(f"output of the name {odd[0]!r}, for which there is a loss")
        return {
            outputs[key] if outputs is not None else key: _loss(item) for key, item in value.items() if item is not None
        }
    name = _name(value)
    if name not in _LOSSES:
        raise UnknownError(f"loss {name}")
    return _LOSSES[name]


def _metrics(value: Any) -> list[str]:
    """Of models of one output; others' are left out, as the runtime tells outputs by names of its own."""
    items = value if isinstance(value, list) else []
    flat = [inner for item in items for inner in (item if isinstance(item, list) else [item])]
    names = [_METRICS.get(_name(item)) for item in flat if item is not None]
    return [name for name in names if name is not None]
