"""A Keras model as its config tells it: layers, and which tensors each is called on. Nothing of it is built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tfjsci.layers.stored import Place

Dialect = Literal[2, 3]
"""Keras 2 (tf_keras) and Keras 3 spell configs, and compute some functions, differently."""

MODELS = frozenset({"Functional", "Sequential", "Model"})


@dataclass(frozen=True)
class Tensor:
    """Output ``output`` of the call ``call`` (from 0) of a layer."""

    layer: str
    call: int
    output: int


@dataclass(frozen=True, kw_only=True)
class KerasCall:
    """One call of a layer: any structure of lists with ``Tensor`` and plain values in it."""

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class KerasLayer:
    """A layer or, with ``is_op``, one of Keras' operations. ``model`` is a nested model's own layers."""

    name: str
    class_name: str
    config: Mapping[str, Any]
    dialect: Dialect
    is_op: bool
    calls: tuple[KerasCall, ...]
    place: Place
    model: KerasModel | None = None


@dataclass(frozen=True, kw_only=True)
class KerasModel:
    """``input_names`` and ``output_names`` are the keys where the model was made with dictionaries, else the layers' names."""

    name: str
    sequential: bool
    layers: tuple[KerasLayer, ...]
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    output_names: tuple[str, ...]


def tensors_in(value: Any) -> Iterator[Tensor]:
    """Every tensor of a structure, in order; dictionaries by key."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from tensors_in(item)
    elif isinstance(value, Mapping):
        for key in sorted(value, key=str):
            yield from tensors_in(value[key])
