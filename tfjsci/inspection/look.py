"""Which format a model is, and what of that format can be told: one table."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from pathlib import Path

import numpy as np

from tfjsci.errors import UnknownFormat
from tfjsci.inspection.inspection import Inspection, SignatureFacts, Stored, summarized
from tfjsci.inspection.keras_files import inspect_keras
from tfjsci.inspection.web_models import inspect_web
from tfjsci.load.described import GraphFacts, describe_frozen, describe_saved_model
from tfjsci.load.load import detect
from tfjsci.load.named_folder import named
from tfjsci.source import Remote, Source


def look(source: Source, input_format: str = "auto") -> Inspection:
    """Look at a model without running anything of it.

    TensorFlow is imported for SavedModels and frozen graphs alone, to read their protobufs. Raises ``MissingModel``,
    ``UnknownFormat``, ``CorruptModel``, ``CodeRefused`` (weights that lie in other files), ``NoLayersModel`` for a Keras
    model that isn't made of layers, and what fetching a hub module raises.
    """
    path = _path(source)
    kind = detect(path) if input_format == "auto" else input_format
    return TABLE[kind](path, _size(path))


def _saved_model(path: Path, size_bytes: int) -> Inspection:
    return _graph(path, "saved_model", describe_saved_model(named(path)), size_bytes)


def _frozen(path: Path, size_bytes: int) -> Inspection:
    return _graph(path, "frozen", describe_frozen(path), size_bytes)


def _hub(path: Path, size_bytes: int) -> Inspection:
    from tfjsci.load.hub import opened_module

    with opened_module(path) as folder:
        return _graph(path, "hub", describe_saved_model(folder), size_bytes)


def _graph(path: Path, kind: str, facts: GraphFacts, size_bytes: int) -> Inspection:
    stored = [
        Stored(name=name, dtype=dtype, shape=shape, bytes=facts.string_bytes.get(name, prod(shape) * _width(dtype)))
        for name, (dtype, shape) in facts.weights.items()
    ]
    return Inspection(
        name=path.name,
        format=kind,
        signatures=tuple(
            SignatureFacts(name=name or None, inputs=inputs, outputs=outputs)
            for name, (inputs, outputs) in facts.signatures.items()
        ),
        ops=facts.ops,
        weights=summarized(stored),
        parameters=sum(each.parameters for each in stored),
        size_bytes=size_bytes,
        notes=facts.notes,
    )


TABLE: dict[str, Callable[[Path, int], Inspection]] = {
    "keras": inspect_keras,
    "h5": inspect_keras,
    "saved_model": _saved_model,
    "hub": _hub,
    "frozen": _frozen,
    "tfjs_graph_model": inspect_web,
    "tfjs_layers_model": inspect_web,
}
"""Format -> who tells of it, given the path and its size on the disk."""


def _path(source: Source) -> Path:
    if isinstance(source, Remote):
        raise UnknownFormat(
            f"{source.name} is an address, and only what is here is looked at",
            hint="Download it, and give the folder or the .tar.gz.",
        )
    return source


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file() and not file.is_symlink())


def _width(dtype: str) -> int:
    """Bytes of a value; of a string only the string knows."""
    if dtype == "bfloat16":
        return 2
    return 0 if dtype in ("string", "object") else np.dtype(dtype).itemsize
