"""A TF.js layers model (``model.json`` and its shards) read as data: as the runtime's ``model.save`` writes it, upstream's
converter, or this package.

Source: tfjs-layers 4.22.0, ``models.ts`` (``loadLayersModelFromIOHandler``) and ``serialization_utils.ts``.
"""

# ruff: noqa: ARG002 - a layout needs not all that the protocol hands it

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tfjsci.dtypes import RUNTIME_DTYPE
from tfjsci.format.metadata import of_the_users
from tfjsci.format.weights import LAYERS_MODEL, corrupt, format_in, model_json_in, read_document, read_weights
from tfjsci.graph.graph import Array
from tfjsci.layers.keras_model import MODELS, KerasModel, Tensor
from tfjsci.layers.parse import BadConfigError, parse_model
from tfjsci.layers.stored import Place, StoredWeight
from tfjsci.listed import listed
from tfjsci.quoted import quoted
from tfjsci.signature import TensorSpec

FORMAT = "tfjs_layers_model"


@dataclass(frozen=True, kw_only=True)
class WebModel:
    """``topology`` and ``training`` as they stand in the file, ``weights`` and those of an ``optimizer`` in its order.

    ``of_no_layer`` are the names of weights that are in the file and not here, as the topology has no layer for them.

    ``metadata`` is the page's.
    """

    label: str
    topology: Mapping[str, Any]
    training: Mapping[str, Any] | None
    weights: Mapping[str, Array]
    signature: Mapping[str, Any]
    optimizer: Mapping[str, Array]
    of_no_layer: tuple[str, ...]
    metadata: Mapping[str, Any]

    @property
    def config(self) -> Mapping[str, Any]:
        """The outermost model's ``class_name`` and ``config``."""
        inner = self.topology.get("model_config", self.topology)
        return inner if isinstance(inner, Mapping) else {}

    @property
    def notes(self) -> tuple[str, ...]:
        """What is in the file, and in nothing but a layers model."""
        return (*(("the optimizer's weights are left out",) if self.optimizer else ()), *self.unused_notes)

    @property
    def unused_notes(self) -> tuple[str, ...]:
        """What is in the file, and in nothing that is made of it."""
        if not self.of_no_layer:
            return ()
        told = listed(self.of_no_layer, 10)
        return (f"weights for which the model has no layer are left out (tf.loadLayersModel refuses the file): {told}",)


def read_web_model(path: Path) -> WebModel:
    """The layers model in the folder ``path``, or whose ``model.json`` it is. Raises ``MissingModel``, ``CorruptModel``."""
    file = model_json_in(path)
    document = read_document(file, LAYERS_MODEL)
    topology = document.get("modelTopology")
    if not isinstance(topology, dict):
        raise corrupt(
            f"{file.absolute().parent.name}/model.json has no modelTopology: weights alone, without their layers"
        )
    weights, optimizer = read_weights(file.parent, document)
    named = frozenset(_names_in(topology))
    of_no_layer = [name for name in weights if name not in optimizer and named.isdisjoint(name.split("/")[:-1])]
    training, signature = document.get("trainingConfig"), document.get("signature")
    return WebModel(
        label=file.parent.name,
        topology=topology,
        training=training if isinstance(training, dict) else None,
        weights={name: value for name, value in weights.items() if name not in optimizer and name not in of_no_layer},
        signature=signature if isinstance(signature, dict) else {},
        optimizer={name: value for name, value in weights.items() if name in optimizer},
        of_no_layer=tuple(of_no_layer),
        metadata=of_the_users(document),
    )


def _names_in(value: Any) -> Iterator[str]:
    """Of all layers and cells, whatever they are in."""
    if isinstance(value, Mapping):
        if isinstance(name := value.get("name"), str):
            yield name
        for item in value.values():
            yield from _names_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from _names_in(item)


def is_web_model(path: Path) -> bool:
    """Whether ``path`` is a layers model, by what its ``model.json`` says. Raises ``CorruptModel``."""
    file = path / "model.json" if path.is_dir() else path
    return file.suffix == ".json" and file.is_file() and format_in(file) == LAYERS_MODEL


def specs_of(web: WebModel) -> tuple[tuple[TensorSpec, ...], tuple[TensorSpec, ...]]:
    """Inputs and outputs by the names of the file's signature, else of the layers, in the model's order."""
    parsed = parse_web_model(web)
    layers = {layer.name: layer for layer in parsed.layers}

    def spec(tensor: Tensor, name: str, *, is_input: bool) -> TensorSpec:
        config = layers[tensor.layer].config if is_input and tensor.layer in layers else {}
        shape = config.get("batch_input_shape") or config.get("batch_shape")
        return TensorSpec(
            name=name,
            tensor=f"{tensor.layer}:{tensor.output}",
            dtype=str(config.get("dtype") or "float32"),
            shape=tuple(shape) if isinstance(shape, list) else None,
        )

    sides = {"inputs": parsed.inputs, "outputs": parsed.outputs}
    own = {"inputs": [tensor.layer for tensor in parsed.inputs], "outputs": list(parsed.output_names)}
    for side, tensors in sides.items():
        told = web.signature.get(side)
        if isinstance(told, Mapping) and len(told) == len(tensors):
            own[side] = [str(name) for name in told]
    inputs = tuple(spec(t, name, is_input=True) for t, name in zip(parsed.inputs, own["inputs"], strict=True))
    outputs = tuple(spec(t, name, is_input=False) for t, name in zip(parsed.outputs, own["outputs"], strict=True))
    if odd := [each for each in inputs if each.dtype not in RUNTIME_DTYPE]:
        raise corrupt(f"{web.label}: the dtype of the input {odd[0].name!r} is {odd[0].dtype!r}")
    return inputs, outputs


def layers_in(config: Any) -> Iterator[Mapping[str, Any]]:
    """The layers of a config that compute: inputs aren't among them, and of a nested model its layers are, not itself."""
    inner = config.get("config") if isinstance(config, Mapping) else None
    listed = inner.get("layers") if isinstance(inner, Mapping) else inner
    for layer in listed if isinstance(listed, list) else ():
        if not isinstance(layer, Mapping):
            continue
        if layer.get("class_name") in MODELS:
            yield from layers_in(layer)
        elif layer.get("class_name") != "InputLayer":
            yield layer


def parse_web_model(web: WebModel) -> KerasModel:
    """Its layers and calls. TensorFlow.js keeps Keras 2's way of writing them. Raises ``CorruptModel``."""
    stored = tuple(_stored(name, value) for name, value in web.weights.items())
    try:
        return parse_model(spelled(web.config), dialect=2, place=WebPlace(own=stored, every=stored))
    except BadConfigError as error:
        raise corrupt(f"{web.label}: {error}") from error
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError) as error:
        raise corrupt(f"the layers of {web.label} can't be read: {quoted(error)}") from error


_WORDS = frozenset(
    {
        "activation",
        "recurrent_activation",
        "padding",
        "data_format",
        "interpolation",
        "merge_mode",
        "mode",
        "distribution",
    }
)
"""Entries whose strings the runtime takes in both spellings."""


def spelled(value: Any, key: str = "") -> Any:
    """A config with its keys, and words that mean something, in snake case, as the runtime takes both spellings."""
    if isinstance(value, Mapping):
        return {(snake := _snake(str(name))): spelled(item, snake) for name, item in value.items()}
    if isinstance(value, list):
        return [spelled(item, key) for item in value]
    return _snake(value) if isinstance(value, str) and key in _WORDS else value


def _snake(word: str) -> str:
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", word).lower()


def _stored(path: str, value: Array) -> StoredWeight:
    return StoredWeight(name=path.rpartition("/")[2], path=path, stored_at=path, shape=value.shape, read=lambda: value)


@dataclass(frozen=True, kw_only=True)
class WebPlace:
    """Weights by ``layer/name``, whatever model the layer is in, with a part between for directions and cells."""

    own: tuple[StoredWeight, ...]
    every: tuple[StoredWeight, ...]
    of_cell: bool = False

    def children(self, parent: str, layers: Sequence[tuple[str, str]], *, sequential: bool) -> list[Place]:
        """By the layers' names; the cells of a stack by number."""
        if self.of_cell:
            return [self._with(w for w in self.own if f"/RNNCell_{i}/" in w.path) for i in range(len(layers))]
        return [
            replace(self, own=self.every)
            if class_name in MODELS
            else self._with(w for w in self.every if w.path.startswith(f"{name}/"))
            for class_name, name in layers
        ]

    def part(self, attribute: str) -> Place:
        """One direction of two; a cell's or a wrapped layer's are all there are."""
        if attribute in ("forward_layer", "backward_layer"):
            side = attribute.removesuffix("layer")
            return self._with(w for w in self.own if any(part.startswith(side) for part in w.path.split("/")[1:-1]))
        return replace(self, of_cell=attribute == "cell")

    def weights(self) -> list[StoredWeight]:
        """The layer's own."""
        return list(self.own)

    def _with(self, own: Iterable[StoredWeight]) -> WebPlace:
        return WebPlace(own=tuple(own), every=self.every)
