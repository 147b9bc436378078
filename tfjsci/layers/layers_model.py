"""A Keras file -> what a layers model is made of: topology, weights by name, and what the reader should know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.errors import CorruptModel
from tfjsci.graph.graph import Array
from tfjsci.layers.keras_model import KerasModel
from tfjsci.layers.mask_checks import masked_sequences, stale_masks
from tfjsci.layers.optimizer_state import OptimizerState, optimizer_state
from tfjsci.layers.refused import NoLayersModel
from tfjsci.layers.serialize import model_json, weights_in
from tfjsci.layers.single_numbers import single_numbers
from tfjsci.layers.sketch import Reader, Sketch, Symbol
from tfjsci.layers.source import open_source
from tfjsci.layers.training import training_config
from tfjsci.layers.translate import UNREADABLE, Translation
from tfjsci.layers.web import FORMAT, WebModel, is_web_model, layers_in, read_web_model, specs_of
from tfjsci.layers.whole_numbers import whole_outputs
from tfjsci.quoted import quoted
from tfjsci.signature import TensorSpec


@dataclass(frozen=True, kw_only=True)
class LayersModel:
    """``weights`` are read one by one; ``topology`` and ``training`` are JSON. Inputs and outputs are in the model's order.

    ``metadata`` is what a TF.js model had for its page, ``optimizer`` what training goes on from. ``layers`` counts those that
    compute: not the inputs, and of a nested model its layers, not itself.
    """

    format: str
    topology: dict[str, Any]
    training: dict[str, Any] | None
    weights: tuple[tuple[str, Reader], ...]
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    layers: int
    notes: tuple[str, ...]
    optimizer: OptimizerState | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@contextmanager
def layers_model(
    path: Path, *, architecture: Path | None = None, backends: Iterable[Backend] = BACKENDS
) -> Iterator[LayersModel]:
    """The layers model of a Keras file, which stays open meanwhile; it is to give Keras' numbers on ``backends``.

    A layers model stays as it is, but for its weights' encoding and files.

    Raises ``NoLayersModel`` with every layer that TensorFlow.js lacks or computes otherwise and every input that it takes
    nothing for, and what :func:`~tfjsci.layers.source.open_source` raises.
    """
    if architecture is None and is_web_model(path):
        yield _as_it_is(read_web_model(path))
        return
    with open_source(path, architecture=architecture) as source:
        translation = Translation(backends)
        try:
            sketch = translation.model(source.model)
        except UNREADABLE as error:
            raise CorruptModel(
                f"{path.name}: {quoted(error)}", hint="The config isn't as Keras writes it. Save the model again."
            ) from error
        of_inputs = single_numbers((symbol.layer.name, symbol.shape) for symbol in sketch.inputs)
        refusals = (*of_inputs, *translation.refusals) or (
            *stale_masks(sketch),
            *masked_sequences(sketch),
            *whole_outputs(sketch),
        )
        if refusals:
            raise NoLayersModel(path.name, refusals)
        training, untold = training_config(source.compiled, _outputs_by_keras_names(source.model, sketch))
        optimizer, left_out = optimizer_state(source, sketch, compiled=training is not None)
        notes = [*translation.notes, *(note for note in (untold, left_out) if note)]
        notes += [f"the layer {was!r} is called {now!r}" for was, now in translation.names.renamed.items()]
        yield LayersModel(
            format=source.format,
            topology={
                "keras_version": source.keras_version or f"{source.dialect}",
                "backend": "tensorflow",
                "model_config": model_json(sketch),
            },
            training=training,
            weights=tuple(weights_in(sketch)),
            inputs=tuple(_spec(symbol, symbol.layer.name) for symbol in sketch.inputs),
            outputs=tuple(
                _spec(symbol, name) for symbol, name in zip(sketch.outputs, source.model.output_names, strict=True)
            ),
            layers=_count(sketch),
            notes=tuple(notes),
            optimizer=optimizer,
        )


def _as_it_is(web: WebModel) -> LayersModel:
    inputs, outputs = specs_of(web)
    if refusals := single_numbers((spec.name, spec.shape) for spec in inputs):
        raise NoLayersModel(web.label, tuple(refusals))
    return LayersModel(
        format=FORMAT,
        topology={"keras_version": "unknown", **web.topology},
        training=dict(web.training) if web.training else None,
        weights=tuple((name, partial(_handed, value)) for name, value in web.weights.items()),
        inputs=inputs,
        outputs=outputs,
        layers=len(list(layers_in(web.config))),
        notes=web.unused_notes,
        optimizer=_optimizer_of(web),
        metadata=web.metadata,
    )


def _optimizer_of(web: WebModel) -> OptimizerState | None:
    if not web.optimizer:
        return None
    told = (web.training or {}).get("optimizer_config")
    return OptimizerState(
        name=str(told.get("class_name")) if isinstance(told, Mapping) else "unknown",
        weights=tuple((name, partial(_handed, value)) for name, value in web.optimizer.items()),
        size_bytes=sum(value.nbytes for value in web.optimizer.values()),
    )


def _outputs_by_keras_names(model: KerasModel, sketch: Sketch) -> dict[str, str]:
    """The runtime calls an output by its layer; Keras so too, or by its key where outputs are a dictionary."""
    by_layer = {tensor.layer: symbol.layer.name for tensor, symbol in zip(model.outputs, sketch.outputs, strict=True)}
    by_key = {key: symbol.layer.name for key, symbol in zip(model.output_names, sketch.outputs, strict=True)}
    return {**by_layer, **by_key}


def _handed(value: Array) -> Array:
    return value


def _spec(symbol: Symbol, name: str) -> TensorSpec:
    dtype = symbol.layer.config.get("dtype", "float32") if symbol.layer.class_name == "InputLayer" else "float32"
    return TensorSpec(name=name, tensor=f"{symbol.layer.name}:{symbol.output}", dtype=str(dtype), shape=symbol.shape)


def _count(sketch: Sketch) -> int:
    """The layers that compute, as :func:`~tfjsci.layers.web.layers_in` has them."""
    return sum(
        _count(layer.inner) if layer.inner is not None else layer.class_name != "InputLayer" for layer in sketch.layers
    )
