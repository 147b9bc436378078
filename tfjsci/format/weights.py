"""``model.json`` and its weights as JSON and numbers, of graph and layers models alike, dequantised as the runtime does it.

Stricter than the runtime, which reads past a shard's end in silence: every byte of every shard belongs to a weight, and no
path leaves the folder.

Source: tfjs-core ``io/io_utils.ts`` (4.22.0), ``decodeWeights``: ``q * scale + min`` in double, stored as float32;
rounded where the original was int32; float16 widened; a string is its length in four bytes, then itself.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from tfjsci.errors import CorruptModel, MissingModel
from tfjsci.graph.graph import Array

HINT = "The folder is incomplete, damaged or changed by hand: download it or convert the model again."

GRAPH_MODEL, LAYERS_MODEL = "graph-model", "layers-model"

MAX_DOCUMENT_BYTES = 512 << 20

OPTIMIZER = "optimizer"
"""The group of weights that training alone needs."""

_PLAIN = {"float32": "<f4", "int32": "<i4", "bool": "|u1", "complex64": "<c8"}
_QUANTIZED = {"float16": "<f2", "uint8": "|u1", "uint16": "<u2"}


def model_json_in(path: Path) -> Path:
    """The file ``model.json`` of a folder, or the file itself. Raises ``MissingModel``."""
    file = path / "model.json" if path.is_dir() else path
    if not file.is_file():
        raise MissingModel(
            f"{path.name} is not a TensorFlow.js model: it has no model.json",
            hint="Give the folder that holds model.json and its shards, or model.json itself.",
        )
    return file


def read_document(path: Path, wanted: str) -> dict[str, Any]:
    """``model.json`` as it is, which is of the format ``wanted``. Raises ``CorruptModel``."""
    document = _object(path)
    found = kind_of(document)
    if found != wanted:
        message = f"{path}: its format is {document.get('format')!r}, not {wanted!r}"
        if found not in (GRAPH_MODEL, LAYERS_MODEL):
            raise corrupt(message)
        other = f"tfjs_{found.replace('-', '_')}"
        raise CorruptModel(message, hint=f"Nothing is wrong with it: leave the input format out, or say {other}.")
    return document


def kind_of(document: Mapping[str, Any]) -> str | None:
    """The ``format`` of a ``model.json``; releases before 1.3 wrote none, but what is in it tells."""
    told = document.get("format")
    topology = document.get("modelTopology")
    if told is not None or not isinstance(topology, Mapping):
        return told if isinstance(told, str) else None
    if "node" in topology:
        return GRAPH_MODEL
    return LAYERS_MODEL if "model_config" in topology or "class_name" in topology else None


def format_in(path: Path) -> str | None:
    """``graph-model``, ``layers-model``, another word that stands there, or None. Raises ``CorruptModel``."""
    return kind_of(_object(path))


def _object(path: Path) -> dict[str, Any]:
    try:
        size = path.stat().st_size
        if size > MAX_DOCUMENT_BYTES:
            raise corrupt(f"{path} has {size} bytes, at most {MAX_DOCUMENT_BYTES} are read")
        document = json.loads(path.read_bytes(), parse_constant=_no_number)
    except OSError as error:
        raise corrupt(f"{path} can't be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise corrupt(f"{path} isn't JSON: {error}") from error
    if not isinstance(document, dict):
        raise corrupt(f"{path} holds a {type(document).__name__}, not an object")
    return document


def read_weights(folder: Path, model: Mapping[str, Any]) -> tuple[dict[str, Array], frozenset[str]]:
    """The weights by name, as float32, int32, bool or complex64 arrays or arrays of ``bytes``, and which of them an
    optimizer's are. Raises ``CorruptModel`` for whatever isn't as the format wants it, with the file and the weight.
    """
    weights: dict[str, Array] = {}
    optimizer: set[str] = set()
    used: set[str] = set()
    for group in list_of_dicts(model, "weightsManifest", "model.json"):
        paths = group.get("paths")
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            raise corrupt("model.json: a group of weights has no list of paths")
        for path in paths:
            if path in used:
                raise corrupt(f"model.json names the shard {path!r} twice")
            used.add(path)
        data = b"".join(_shard(folder, path) for path in paths)
        entries = list_of_dicts(group, "weights", "model.json")
        for name, value in _decoded(data, entries).items():
            if name in weights:
                raise corrupt(f"model.json lists the weight {name!r} twice")
            weights[name] = value
        optimizer |= {str(entry["name"]) for entry in entries if entry.get("group") == OPTIMIZER}
    return weights, frozenset(optimizer)


def list_of_dicts(parent: Mapping[str, Any], key: str, where: str) -> list[dict[str, Any]]:
    """An entry that is a list of objects. Raises ``CorruptModel``."""
    found = parent.get(key)
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise corrupt(f"{where}: {key} isn't a list of objects")
    return found


def corrupt(message: str) -> CorruptModel:
    """What is wrong, and what can be done about it."""
    return CorruptModel(message, hint=HINT)


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no JSON number")


def shard_file(folder: Path, path: str) -> Path:
    """Where a shard of the manifest lies. Raises ``CorruptModel`` for a path that leaves the folder."""
    pure = PurePosixPath(path)
    leaves = pure.is_absolute() or ".." in pure.parts or not pure.parts or "\\" in path or "\0" in path or ":" in path
    # a symbolic link may lead out, too
    if leaves or not (folder / pure).resolve().is_relative_to(folder.resolve()):
        raise corrupt(f"model.json: the shard's path {path!r} leaves the folder")
    return folder / pure


def _shard(folder: Path, path: str) -> bytes:
    file = shard_file(folder, path)
    if file.exists() and not file.is_file():
        raise corrupt(f"the shard {path!r} is no file")
    try:
        return file.read_bytes()
    except OSError as error:
        raise corrupt(f"the shard {path!r} can't be read: {error.strerror or error}") from error


def _decoded(data: bytes, entries: list[dict[str, Any]]) -> dict[str, Array]:
    weights: dict[str, Array] = {}
    position = 0
    for entry in entries:
        name, shape = entry.get("name"), entry.get("shape")
        if not isinstance(name, str) or not name:
            raise corrupt(f"model.json: a weight's name is {name!r}")
        if name in weights:
            raise corrupt(f"model.json lists the weight {name!r} twice")
        if not _is_shape(shape):
            raise corrupt(f"the weight {name!r}: its shape is {str(shape)[:100]}")
        weights[name], position = _weight(data, position, entry)
    if position != len(data):
        raise corrupt(f"the shards hold {len(data)} bytes, the weights need {position}")
    return weights


def _is_shape(shape: Any) -> bool:
    if not isinstance(shape, list) or not all(type(size) is int and size >= 0 for size in shape):
        return False
    # numpy's limits, also for arrays without elements
    return len(shape) <= 32 and math.prod(max(size, 1) for size in shape) < 1 << 48


def _weight(data: bytes, position: int, entry: Mapping[str, Any]) -> tuple[Array, int]:
    name, shape, dtype, quantization = entry["name"], entry["shape"], entry.get("dtype"), entry.get("quantization")
    count = math.prod(shape)
    if dtype == "string":
        items, position = _strings(data, position, count, name)
        return items.reshape(shape), position
    if not isinstance(dtype, str) or dtype not in _PLAIN:
        raise corrupt(f"the weight {name!r}: its dtype is {dtype!r}, not one of {', '.join((*_PLAIN, 'string'))}")
    stored = _PLAIN[dtype] if quantization is None else _stored_dtype(name, dtype, quantization)
    end = position + count * np.dtype(stored).itemsize
    if end > len(data):
        raise corrupt(f"the weight {name!r} needs bytes {position} to {end}, the shards hold {len(data)}")
    raw = np.frombuffer(data, dtype=stored, count=count, offset=position).reshape(shape)
    if quantization is not None:
        return _dequantized(raw, dtype, quantization), end
    if dtype == "bool" and raw.size and raw.max() > 1:
        raise corrupt(f"the weight {name!r} is bool and holds the byte {raw.max()}")
    return raw.astype(dtype), end


def _stored_dtype(name: str, dtype: str, quantization: Any) -> str:
    stored = quantization.get("dtype") if isinstance(quantization, dict) else None
    if stored not in _QUANTIZED:
        raise corrupt(f"the weight {name!r}: its quantization is {quantization!r}")
    if dtype != "float32" and not (dtype == "int32" and stored != "float16"):
        raise corrupt(f"the weight {name!r} is {dtype}, which can't be stored as {stored}")
    if stored != "float16":
        for key in ("scale", "min"):
            number = quantization.get(key)
            if isinstance(number, bool) or not isinstance(number, (int, float)) or not math.isfinite(number):
                raise corrupt(f"the weight {name!r}: its quantization's {key} is {number!r}")
    return _QUANTIZED[stored]


def _dequantized(raw: Array, dtype: str, quantization: Mapping[str, Any]) -> Array:
    if quantization["dtype"] == "float16":
        return raw.astype(np.float32)
    wide = raw.astype(np.float64) * quantization["scale"] + quantization["min"]
    # JavaScript's Math.round: a half goes up
    out: Array = np.floor(wide + 0.5).astype(np.int32) if dtype == "int32" else wide.astype(np.float32)
    return out


def _strings(data: bytes, position: int, count: int, name: str) -> tuple[Array, int]:
    if count * 4 > len(data) - position:
        raise corrupt(f"the weight {name!r} needs {count} strings, the shards end before")
    items = np.empty(count, dtype=object)
    for i in range(count):
        start = position + 4
        end = start + int.from_bytes(data[position:start], "little")
        if start > len(data) or end > len(data):
            raise corrupt(f"the weight {name!r}: string {i} ends at byte {end}, the shards hold {len(data)}")
        items[i] = data[start:end]
        position = end
    return items, position
