"""Configs as Keras writes them, by hand, and what the mapping makes of them. Weights are zeros of whatever shape is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tfjsci.dtypes import BACKENDS
from tfjsci.layers.mask_checks import masked_sequences, stale_masks
from tfjsci.layers.parse import parse_model
from tfjsci.layers.serialize import model_json, weights_in
from tfjsci.layers.stored import Place, StoredWeight
from tfjsci.layers.translate import Translation
from tfjsci.layers.whole_numbers import whole_outputs

NAMES = (
    "kernel", "recurrent_kernel", "bias", "depthwise_kernel", "pointwise_kernel", "gamma", "beta", "moving_mean",
    "moving_variance", "embeddings", "alpha", "mean", "variance",
)  # fmt: skip


@dataclass(frozen=True)
class Weights:
    """A place where every weight that is asked for is there; ``shapes`` by name, else (1,)."""

    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def children(self, parent: str, layers: Sequence[tuple[str, str]], *, sequential: bool) -> list[Place]:
        return [self for _ in layers]

    def part(self, attribute: str) -> Place:
        return self

    def weights(self) -> list[StoredWeight]:
        def weight(name: str) -> StoredWeight:
            shape = self.shapes.get(name, (1,))
            return StoredWeight(
                name=name, path=name, stored_at=name, shape=shape, read=lambda: np.zeros(shape, np.float32)
            )

        return [weight(name) for name in NAMES]


def layer(class_name: str, name: str | None = None, **config: Any) -> dict[str, Any]:
    named = name or class_name.lower()
    return {
        "class_name": class_name,
        "module": "keras.layers",
        "config": {"name": named, "trainable": True, "dtype": "float32", **config},
        "name": named,
    }


def operation(class_name: str, name: str | None = None, **config: Any) -> dict[str, Any]:
    named = name or class_name.lower()
    return {
        "class_name": class_name,
        "module": "keras.src.ops.numpy",
        "config": {"name": named, **config},
        "name": named,
    }


def source(shape: Sequence[int | None], name: str = "x", dtype: str = "float32") -> dict[str, Any]:
    return {
        "class_name": "InputLayer",
        "module": "keras.layers",
        "config": {"batch_shape": [None, *shape], "dtype": dtype, "name": name},
        "name": name,
        "inbound_nodes": [],
    }


def tensor(name: str, call: int = 0, output: int = 0) -> dict[str, Any]:
    return {"class_name": "__keras_tensor__", "config": {"keras_history": [name, call, output]}}


def called(item: dict[str, Any], *calls: Any) -> dict[str, Any]:
    """Each call: a tensor's name, a list of arguments, or (arguments, keyword arguments)."""
    nodes = []
    for call in calls:
        args, kwargs = call if isinstance(call, tuple) else (call, {})
        args = [tensor(args)] if isinstance(args, str) else args
        nodes.append({"args": args, "kwargs": kwargs})
    return {**item, "inbound_nodes": nodes}


def functional(layers: Sequence[Any], inputs: Any, outputs: Any, name: str = "model") -> dict[str, Any]:
    config = {"name": name, "trainable": True, "layers": list(layers), "input_layers": inputs, "output_layers": outputs}
    return {"class_name": "Functional", "module": "keras.src.models.functional", "config": config, "name": name}


def sequential(
    shape: Sequence[int | None], *layers: Any, name: str = "sequential", dtype: str = "float32"
) -> dict[str, Any]:
    config = {"name": name, "trainable": True, "dtype": "float32", "layers": [source(shape, dtype=dtype), *layers]}
    return {"class_name": "Sequential", "module": "keras", "config": config, "name": name}


@dataclass(frozen=True)
class Mapped:
    """What became of a config."""

    json: dict[str, Any]
    weights: dict[str, tuple[int, ...]]
    refused: list[str]
    notes: list[str]

    @property
    def chain(self) -> list[str]:
        """Classes of the layers, in order, without inputs."""
        return [each["class_name"] for each in self.json["config"]["layers"] if each["class_name"] != "InputLayer"]

    def config(self, class_name: str) -> dict[str, Any]:
        """Of the one layer of that class."""
        (found,) = [each for each in self.json["config"]["layers"] if each["class_name"] == class_name]
        return dict(found["config"])


def mapped(
    config: dict[str, Any],
    *,
    dialect: Any = 3,
    shapes: dict[str, tuple[int, ...]] | None = None,
    backends: Any = BACKENDS,
) -> Mapped:
    translation = Translation(backends)
    sketch = translation.model(parse_model(config, dialect=dialect, place=Weights(shapes or {})))
    in_all = [*stale_masks(sketch), *masked_sequences(sketch), *whole_outputs(sketch)]
    refused = [str(refusal) for refusal in translation.refusals or in_all]
    if refused:
        return Mapped({}, {}, refused, list(translation.notes))
    weights = {name: read().shape for name, read in weights_in(sketch)}
    return Mapped(model_json(sketch), weights, [], list(translation.notes))


def one(class_name: str, shape: Sequence[int | None], *, dialect: Any = 3, shapes: Any = None, **config: Any) -> Mapped:
    """A Sequential of one layer."""
    return mapped(sequential(shape, layer(class_name, "it", **config)), dialect=dialect, shapes=shapes)
