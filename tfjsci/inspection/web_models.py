"""A TF.js graph or layers model: ``model.json`` says it all, so no weight is read but those of a layers model's layers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any

from tfjsci.errors import CorruptModel
from tfjsci.escape import one_line
from tfjsci.format.graph_signature import captured_in, specs_in
from tfjsci.format.weights import (
    GRAPH_MODEL,
    LAYERS_MODEL,
    OPTIMIZER,
    corrupt,
    format_in,
    list_of_dicts,
    read_document,
    read_weights,
)
from tfjsci.inspection.inspection import Inspection, LayerFacts, SignatureFacts, Stored, summarized
from tfjsci.inspection.output_shapes import output_shapes_of
from tfjsci.inspection.shards import files_of
from tfjsci.layers.web import layers_in, parse_web_model, read_web_model, specs_of

_BYTES = {"float32": 4, "int32": 4, "bool": 1, "complex64": 8, "float16": 2, "uint16": 2, "uint8": 1}


def inspect_web(path: Path, _: int) -> Inspection:
    """The model in the folder ``path``, or whose model.json it is: its size is that of its own files.

    Raises ``CorruptModel`` and ``MissingModel``.
    """
    file = path / "model.json" if path.is_dir() else path
    return _graph(file) if format_in(file) == GRAPH_MODEL else _layers(file)


def _graph(file: Path) -> Inspection:
    document = read_document(file, GRAPH_MODEL)
    topology = document.get("modelTopology")
    if not isinstance(topology, dict):
        raise corrupt("model.json has no modelTopology")
    nodes = list_of_dicts(topology, "node", "modelTopology")
    library = topology.get("library")
    for function in list_of_dicts(library, "function", "library") if isinstance(library, dict) and library else ():
        nodes = nodes + list_of_dicts(function, "nodeDef", "a function")
    inputs, outputs = specs_in(document)
    stored = list(_stored(document, file.parent))
    made = captured_in(document)
    parts = _consts(_initializer_nodes(document)) - _consts(nodes) if made else set()
    size_bytes, damage = files_of(file, document, weights_bytes=sum(each.bytes for each in stored))
    return Inspection(
        name=file.absolute().parent.name,
        format="tfjs_graph_model",
        signatures=(SignatureFacts(name=None, inputs=inputs, outputs=outputs),),
        ops=dict(sorted(Counter(str(node.get("op")) for node in nodes).items())),
        weights=summarized(stored),
        parameters=sum(each.parameters for each in stored if each.name not in parts)
        + sum(prod(size or 0 for size in spec.shape or ()) for spec in made),
        size_bytes=size_bytes,
        notes=(*damage, *_notes(document)),
    )


def _layers(file: Path) -> Inspection:
    web = read_web_model(file)
    inputs, outputs = specs_of(web)
    shapes = output_shapes_of(parse_web_model(web))
    outputs = tuple(replace(spec, shape=shape) for spec, shape in zip(outputs, shapes, strict=True))
    document = read_document(file, LAYERS_MODEL)
    every = list(_stored(document, file.parent))
    stored = [each for each in every if not each.of_optimizer and each.name not in web.of_no_layer]
    size_bytes, damage = files_of(file, document, weights_bytes=sum(each.bytes for each in every))
    kinds = {
        str(inner.get("name")): str(layer.get("class_name"))
        for layer in layers_in(web.config)
        if isinstance(inner := layer.get("config"), Mapping)
    }
    return Inspection(
        name=file.absolute().parent.name,
        format="tfjs_layers_model",
        signatures=(SignatureFacts(name=None, inputs=inputs, outputs=outputs),),
        layers=tuple(
            LayerFacts(
                name=name,
                kind=kind,
                parameters=sum(each.parameters for each in stored if each.name.startswith(f"{name}/")),
            )
            for name, kind in kinds.items()
        ),
        weights=summarized(stored),
        parameters=sum(each.parameters for each in stored),
        size_bytes=size_bytes,
        notes=(*damage, *web.notes, *_notes(document)),
    )


@dataclass(frozen=True, kw_only=True)
class _Entry(Stored):
    """A weight of the manifest. ``of_optimizer``: it is no layer's, but what an optimizer keeps."""

    of_optimizer: bool


def _stored(document: Mapping[str, Any], folder: Path) -> Iterator[_Entry]:
    """The manifest's weights; how long strings are isn't in it, but in the files."""
    for group in list_of_dicts(document, "weightsManifest", "model.json"):
        strings = _string_bytes(group, folder)
        for entry in list_of_dicts(group, "weights", "model.json"):
            quantization, shape = entry.get("quantization"), entry.get("shape")
            dtype = (quantization if isinstance(quantization, Mapping) else entry).get("dtype")
            if not isinstance(shape, list) or not all(isinstance(size, int) and size >= 0 for size in shape):
                raise _odd(entry, "shape", shape)
            if dtype not in _BYTES and dtype != "string":
                raise _odd(entry, "dtype", dtype)
            yield _Entry(
                name=str(entry.get("name")),
                dtype=str(dtype),
                shape=tuple(shape),
                bytes=strings[str(entry.get("name"))] if dtype == "string" else prod(shape) * _BYTES[str(dtype)],
                of_optimizer=entry.get("group") == OPTIMIZER,
            )


def _string_bytes(group: Mapping[str, Any], folder: Path) -> dict[str, int]:
    """What each weight of strings takes in the files: four bytes before each string tell its length."""
    if not any(entry.get("dtype") == "string" for entry in list_of_dicts(group, "weights", "model.json")):
        return {}
    weights, _ = read_weights(folder, {"weightsManifest": [group]})
    return {
        name: sum(4 + len(each) for each in value.ravel().tolist())
        for name, value in weights.items()
        if value.dtype == object
    }


def _initializer_nodes(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    initializer = document.get("modelInitializer")
    return list_of_dicts(initializer, "node", "modelInitializer") if isinstance(initializer, dict) else []


def _consts(nodes: list[dict[str, Any]]) -> set[str]:
    return {str(node.get("name")) for node in nodes if node.get("op") == "Const"}


def _odd(entry: Mapping[str, Any], key: str, value: Any) -> CorruptModel:
    return corrupt(f"the weight {entry.get('name')!r}: its {key} is {one_line(str(value), 100)}")


def _notes(document: Mapping[str, Any]) -> Iterator[str]:
    for key in ("convertedBy", "generatedBy"):
        if isinstance(said := document.get(key), str) and said:
            yield f"{key} {said}"
    if any(str(node.get("op")).startswith("LookupTableImport") for node in _initializer_nodes(document)):
        yield "it has look-up tables (a modelInitializer)"
    if document.get("format") == GRAPH_MODEL and (made := captured_in(document)):
        yield f"{len(made)} of its weights are packed, and made by a modelInitializer: load it as `tfjsci loader` does"
    if isinstance(metadata := document.get("userDefinedMetadata"), Mapping):
        yield f"userDefinedMetadata: {', '.join(map(str, metadata))}"
