"""Initializers, regularizers, dtypes and numbers of a Keras config as TensorFlow.js spells them.

Source: the registries of tfjs-layers 4.22.0 (``initializers.js``, ``regularizers.js``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tfjsci.dtypes import RUNTIME_DTYPE
from tfjsci.layers.refused import RefusedError

_INITIALIZERS: dict[str, tuple[str, ...]] = {
    "Zeros": (),
    "Ones": (),
    "Constant": ("value",),
    "RandomUniform": ("minval", "maxval"),
    "RandomNormal": ("mean", "stddev"),
    "TruncatedNormal": ("mean", "stddev"),
    "VarianceScaling": ("scale", "mode", "distribution"),
    "GlorotUniform": (),
    "GlorotNormal": (),
    "HeUniform": (),
    "HeNormal": (),
    "LeCunUniform": (),
    "LeCunNormal": (),
    "Orthogonal": ("gain",),
}
"""Each with what it is made with. Seeds are left out: the runtime's random numbers are others anyway."""

_SPELLED = {"LecunUniform": "LeCunUniform", "LecunNormal": "LeCunNormal", "OrthogonalInitializer": "Orthogonal"}
_DISTRIBUTIONS = {"untruncated_normal": "normal", "truncated_normal": "truncated_normal"}

_FLOATS = frozenset({"float16", "bfloat16", "float32", "float64"})


def initializer(value: Any) -> dict[str, Any]:
    """What the runtime has, else zeros: the stored weights replace the values while the model is loaded."""
    name = value.get("class_name") if isinstance(value, Mapping) else value
    config = value.get("config", {}) if isinstance(value, Mapping) else {}
    plain = "".join(part[:1].upper() + part[1:] for part in str(name).split("_"))
    plain = _SPELLED.get(plain, plain)
    if plain not in _INITIALIZERS or not isinstance(config, Mapping):
        return {"class_name": "Zeros", "config": {}}
    kept = {key: config[key] for key in _INITIALIZERS[plain] if isinstance(config.get(key), int | float | str)}
    if "distribution" in kept:
        kept["distribution"] = _DISTRIBUTIONS.get(kept["distribution"], kept["distribution"])
    if plain == "Constant" and "value" not in kept:
        return {"class_name": "Zeros", "config": {}}
    return {"class_name": plain, "config": kept}


def regularizer(value: Any) -> dict[str, Any] | None:
    """L1 and L2 in the one class that the runtime has; None for others (only training would notice)."""
    name = value.get("class_name") if isinstance(value, Mapping) else value
    config = value.get("config", {}) if isinstance(value, Mapping) else {}
    kind = str(name).lower().replace("_", "")
    if kind not in ("l1", "l2", "l1l2"):
        return None
    both = {key: float(config.get(key, 0.01 if key in kind else 0.0) or 0.0) for key in ("l1", "l2")}
    return {"class_name": "L1L2", "config": both}


def input_dtype(value: Any) -> str:
    """The runtime's dtype of an input."""
    name = dtype_name(value)
    runtime = RUNTIME_DTYPE.get(name)
    if runtime not in ("float32", "int32", "bool"):
        raise RefusedError(f"an input of dtype {name}")
    return runtime


def dtype_name(value: Any) -> str:
    """Of a name, or of a dtype policy."""
    if isinstance(value, Mapping):
        config = value.get("config")
        return str(config.get("name", "float32")) if isinstance(config, Mapping) else "float32"
    return str(value or "float32")


def refuse_quantized(config: Mapping[str, Any]) -> None:
    """Weights in int8 and the like, or with LoRA beside them, aren't what the layer computes with."""
    policy = dtype_name(config.get("dtype")).lower()
    plain = policy in _FLOATS or policy.startswith(("mixed_", "int32", "int64", "uint8", "bool", "string"))
    if config.get("quantization_config") or not plain:
        raise RefusedError(f"its weights are quantized (dtype policy {policy})")
    if config.get("lora_rank"):
        raise RefusedError("it has LoRA weights (merge them first: model.merge_lora_weights())")


def number(value: Any, default: float | None = None) -> float:
    """A plain number, also out of the wrappings that numpy's numbers had in older files."""
    if isinstance(value, Mapping):
        value = value.get(
            "value", value.get("config", {}).get("value") if isinstance(value.get("config"), Mapping) else None
        )
    if value is None and default is not None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RefusedError(f"a number was expected, not {str(value)[:40]!r}")
    return value
