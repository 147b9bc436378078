"""What a Keras file would execute when loaded: Lambda layers, marshalled functions, classes and functions from elsewhere.

Keras builds a model by looking names up and calling them, so a config is a program. Only Keras' own classes are let
through; everything else needs the command's ``--allow-code``. Keras' ``safe_mode`` alone isn't enough: it doesn't
cover HDF5 in every release, nor functions named in a config.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

KERAS_PACKAGES = (
    "keras.activations",
    "keras.constraints",
    "keras.dtype_policies",
    "keras.initializers",
    "keras.layers",
    "keras.losses",
    "keras.metrics",
    "keras.mixed_precision",
    "keras.models",
    "keras.ops",
    "keras.optimizers",
    "keras.quantizers",
    "keras.regularizers",
    "keras.src.activations",
    "keras.src.backend",
    "keras.src.constraints",
    "keras.src.dtype_policies",
    "keras.src.initializers",
    "keras.src.layers",
    "keras.src.losses",
    "keras.src.metrics",
    "keras.src.models",
    "keras.src.ops",
    "keras.src.optimizers",
    "keras.src.quantizers",
    "keras.src.regularizers",
)
"""Packages of Keras whose classes only build layers; not its utilities, which read files, fetch and switch safety off."""

_LEGACY_CODE = {
    "Lambda": "a Lambda layer holds Python bytecode",
    "__lambda__": "a marshalled lambda holds Python bytecode",
    "TFOpLambda": "it calls a TensorFlow function named in the file",
    "SlicingOpLambda": "it calls a TensorFlow function named in the file",
    "TensorFlowOpLayer": "it holds a serialised TensorFlow op",
    "TFSMLayer": "it loads another SavedModel",
    "JaxLayer": "it holds a Python function",
    "FlaxLayer": "it holds a Python module",
    "TorchModuleWrapper": "it holds a pickled module",
}


@dataclass(frozen=True, kw_only=True)
class CodeInConfig:
    """One part of a config that would run foreign code: where, and why."""

    layer: str
    reason: str


def code_in(config: Any) -> tuple[CodeInConfig, ...]:
    """Every part of a Keras model config that would run code which isn't Keras' own; empty when it is safe to load."""
    found: dict[CodeInConfig, None] = {}
    for layer, part in _parts(config, "the model"):
        if reason := _reason(part):
            found[CodeInConfig(layer=layer, reason=reason)] = None
    return tuple(found)


def _parts(value: Any, layer: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every mapping in the config, with the name of the layer around it."""
    stack: list[tuple[Any, str]] = [(value, layer)]
    while stack:
        item, around = stack.pop()
        if isinstance(item, Mapping):
            config = item.get("config")
            if "class_name" in item and isinstance(config, Mapping) and isinstance(config.get("name"), str):
                around = config["name"]
            yield around, item
            stack += [(child, around) for child in item.values()]
        elif isinstance(item, list | tuple):
            stack += [(child, around) for child in item]


def _reason(part: Mapping[str, Any]) -> str | None:
    name = part.get("class_name")
    if not isinstance(name, str):
        return None
    if name in _LEGACY_CODE:
        return f"{name}: {_LEGACY_CODE[name]}"
    module = part.get("module")
    registered = part.get("registered_name")
    if name == "function" or module == "builtins":
        return None if _keras_function(part) else f"a function of the author's own: {part.get('config')!r}"
    if isinstance(module, str) and not any(module == p or module.startswith(f"{p}.") for p in KERAS_PACKAGES):
        if module == "keras":
            return (
                None if name in {"Sequential", "Functional", "Model", "DTypePolicy", "Variable"} else f"{module}.{name}"
            )
        return f"a class from outside Keras: {module}.{name}"
    if isinstance(registered, str) and ">" in registered and not registered.startswith("keras"):
        return f"a registered class of the author's own: {registered}"
    if module is None and isinstance(registered, str) and registered not in {name, "None"}:
        return f"a class of the author's own: {registered}"
    return None


def _keras_function(part: Mapping[str, Any]) -> bool:
    """Keras 3 writes its own activations by name alone; a dict for a function means one of the author's."""
    registered = part.get("registered_name")
    return isinstance(registered, str) and registered.startswith("keras>")
