"""One Keras layer where it is mapped: its config and weights, and the sketch that takes what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.graph.graph import Array
from tfjsci.layers.keras_model import KerasLayer
from tfjsci.layers.objects import initializer, refuse_quantized, regularizer
from tfjsci.layers.refused import RefusedError
from tfjsci.layers.sketch import Emitted, Names, Reader, Sketch, Symbol
from tfjsci.layers.stored import Reading, StoredWeight

Apply = Callable[[Sequence[Symbol], Mapping[str, Any]], list[Symbol]]
"""Calls what became of a layer: on its input tensors, with the arguments that aren't tensors."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """``note`` takes a sentence for the reader; ``nested`` maps a model inside of this one; ``backends`` are those wanted."""

    layer: KerasLayer
    sketch: Sketch
    names: Names
    note: Callable[[str], None]
    nested: Callable[[KerasLayer], Sketch]
    mapper: Callable[[KerasLayer], Callable[[Site], Apply]]
    backends: frozenset[Backend] = frozenset(BACKENDS)

    @property
    def config(self) -> Mapping[str, Any]:
        """As Keras wrote it."""
        return self.layer.config

    def get(self, key: str, default: Any = None) -> Any:
        """An entry, ``default`` where it is missing or null."""
        value = self.config.get(key)
        return default if value is None else value

    def kept(self, *keys: str) -> dict[str, Any]:
        """Entries that the runtime spells as Keras does; initializers and regularizers mapped, constraints left out."""
        out: dict[str, Any] = {}
        for key in keys:
            value = self.config.get(key)
            if key.endswith("_initializer"):
                out[key] = initializer(value)
            elif key.endswith("_regularizer"):
                if value is not None and (mapped := regularizer(value)) is not None:
                    out[key] = mapped
                elif value is not None:
                    self.note(f"{self.layer.name}: its {key} is left out, TensorFlow.js has no such one")
            elif value is not None:
                out[key] = value
        for key, value in self.config.items():
            if key.endswith("_constraint") and value is not None:
                self.note(f"{self.layer.name}: its {key} is left out (TensorFlow.js would apply it while it loads)")
        if self.config.get("activity_regularizer") is not None:
            self.note(f"{self.layer.name}: its activity_regularizer is left out, TensorFlow.js has none")
        if self.config.get("trainable") is False:
            out["trainable"] = False
        refuse_quantized(self.config)
        return out

    def emit(self, class_name: str, config: Mapping[str, Any], weights: Mapping[str, Reader] | None = None) -> Emitted:
        """The layer that bears the original's name."""
        return self.sketch.layer(class_name, self.names.of(self.layer.name), config, weights=weights)

    def helper(self, class_name: str, **config: Any) -> Emitted:
        """A layer beside it that the original hasn't."""
        return self.sketch.helper(class_name, f"{self.layer.name}_{class_name.lower()}", **config)

    def weights(self, *names: str) -> dict[str, StoredWeight]:
        """The layer's weights by Keras' names of them, in Keras' order. Raises ``RefusedError`` when they aren't there."""
        return weights_of(self.layer.place.weights(), names)

    def readers(self, *names: str) -> dict[str, Reader]:
        """The same, ready to be emitted under the same names."""
        return {name: Reading(weight) for name, weight in self.weights(*names).items()}


def weights_of(stored: Sequence[StoredWeight], names: Sequence[str]) -> dict[str, StoredWeight]:
    """By name where the file has names, else by position."""
    by_name = {weight.name: weight for weight in stored if weight.name is not None}
    if all(name in by_name for name in names):
        return {name: by_name[name] for name in names}
    if len(stored) < len(names):
        raise RefusedError(f"the file holds {len(stored)} weights of it, and it has {len(names)} ({', '.join(names)})")
    return dict(zip(names, stored, strict=False))


def turned(read: Reader, turn: Callable[[Array], Array]) -> Reader:
    """The weight, read and then turned into what the runtime wants: other dimensions, the same values."""
    assert isinstance(read, Reading)
    return replace(read, turns=(*read.turns, turn))


def on_one(apply: Callable[[Symbol], Symbol]) -> Apply:
    """For layers of one input and one output, which take no further arguments."""

    def call(inputs: Sequence[Symbol], kwargs: Mapping[str, Any]) -> list[Symbol]:
        if len(inputs) != 1:
            raise RefusedError(f"it is called on {len(inputs)} tensors")
        refuse_arguments(kwargs)
        return [apply(inputs[0])]

    return call


_IGNORED = frozenset({"mask", "training", "name"})


def refuse_arguments(kwargs: Mapping[str, Any], *known: str) -> None:
    """Arguments of a call that change what is computed. Masks are looked after elsewhere."""
    for key, value in kwargs.items():
        if key == "training" and value is True:
            raise RefusedError("it is called with training=True")
        if key not in _IGNORED and key not in known and value is not None:
            raise RefusedError(f"it is called with {key}")


def known_shape(symbol: Symbol, what: str) -> tuple[int | None, ...]:
    """The shape, of which everything but the batch is known."""
    if symbol.shape is None or any(size is None for size in symbol.shape[1:]):
        raise RefusedError(f"{what} needs an input whose shape is known, and it is {_shown(symbol)}")
    return symbol.shape


def _shown(symbol: Symbol) -> str:
    return "unknown" if symbol.shape is None else str(list(symbol.shape)).replace("None", "?")
