"""What a Keras file would execute when loaded: Lambda layers, marshalled functions, classes and functions from elsewhere.

Keras builds a model by looking names up and calling them, so a config is a program. Only Keras' own classes are let
through; everything else needs the command's ``--allow-code``. Keras' ``safe_mode`` alone isn't enough: it doesn't
cover HDF5 in every release, nor functions named in a config.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
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

FUNCTION_MODULES = frozenset(
    f"keras.{name}"
    for name in ("activations", "constraints", "initializers", "losses", "metrics", "ops", "regularizers")
)
"""Where a function named in a config may live; its name alone, from "builtins", is looked up in all but ops."""

_ROOT_CLASSES = frozenset({"Sequential", "Functional", "Model", "DTypePolicy", "Variable"})
_NOT_COMPUTING = frozenset({"get", "serialize", "deserialize"})

_CODE = {
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
"""Classes that run what the file says, wherever they are named."""


@dataclass(frozen=True, kw_only=True)
class CodeInConfig:
    """One part of a config that would run foreign code: where, and why."""

    layer: str
    reason: str


def code_in(config: Any, *, own_functions: Collection[str] = ()) -> tuple[CodeInConfig, ...]:
    """Every part of a Keras model config that would run code which isn't Keras' own; empty when it is safe to load.

    ``own_functions`` are the names of Keras' functions: it writes them without a module (``builtins``).
    """
    found: dict[CodeInConfig, None] = {}
    for layer, part in _parts(config, "the model"):
        if reason := _reason(part, own_functions):
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


def _reason(part: Mapping[str, Any], own_functions: Collection[str]) -> str | None:
    name = part.get("class_name")
    if not isinstance(name, str):
        return None
    module, registered, config = part.get("module"), part.get("registered_name"), part.get("config")
    plain = name.rpartition(">")[2].rpartition(".")[2]  # Keras finds a class under its package's name, too
    if plain in _CODE:
        return f"{plain}: {_CODE[plain]}"
    if name == "function":
        return _function(module, config, own_functions)
    if isinstance(config, Mapping) and isinstance(config.get("vocabulary"), str):
        return f"{name}: it reads its vocabulary from the file {config['vocabulary']!r}"
    if module == "keras":
        return None if name in _ROOT_CLASSES else f"not a class that a model is made of: keras.{name}"
    if isinstance(module, str):
        if not any(module == package or module.startswith(f"{package}.") for package in KERAS_PACKAGES):
            return f"a class from outside Keras: {module}.{name}"
        return f"not a class of Keras: {module}.{name}" if plain != name else None
    if ">" in name:
        return f"a registered class of the author's own: {name}"
    if "module" in part or (isinstance(registered, str) and registered not in {name, "None"}):
        return f"a class of the author's own: {registered or name}"
    return None


def _function(module: Any, name: Any, own_functions: Collection[str]) -> str | None:
    """Why a function named in the config isn't let through, or None for one of Keras' own."""
    if isinstance(name, str) and name not in _NOT_COMPUTING:
        if module in (None, "builtins") and name in own_functions:
            return None
        if module in FUNCTION_MODULES and "." not in name:
            return None
    where = f"{module}.{name}" if isinstance(module, str) and module != "builtins" else name
    return f"a function of the author's own: {where!r}"
