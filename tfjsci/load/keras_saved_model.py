"""The Keras model that a SavedModel of tf_keras (Keras 2) holds beside its graph, as the HDF5 file that it would have written.

Its config is in ``keras_metadata.pb``, a message of objects with JSON in it; its weights are the checkpoint's, by the variables'
own names. Nothing of it is run. Source: tf_keras ``protobuf/saved_metadata.proto``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tfjsci.errors import CorruptModel
from tfjsci.layers.beside_graph import METADATA
from tfjsci.layers.refused import NoLayersModel, Refusal
from tfjsci.load.checkpoint import Checkpoint
from tfjsci.load.named_folder import NamedFolder
from tfjsci.load.varint import varint
from tfjsci.quoted import quoted

MOST_BYTES = 256 << 20

_NODES, _NODE_PATH, _METADATA = 1, 3, 5  # the numbers of the fields
_NOT_THE_MODELS = ("optimizer/", "keras_api/")
_TUPLES = frozenset({"__tuple__", "TensorShape"})


def as_h5(folder: Path, into: Path) -> Path:
    """Write the Keras model of the SavedModel ``folder`` as an HDF5 file into the folder ``into``.

    Raises ``CorruptModel``, and ``NoLayersModel`` for a model that isn't made of layers.
    """
    import h5py

    root = _root(folder)
    config = _plain(root.get("model_config"))
    if not isinstance(config, Mapping) or not _layers_in(config):
        named = str(root.get("class_name", ""))
        raise NoLayersModel(
            folder.name,
            (Refusal(layer="the model", class_name=named, reason="the SavedModel has no config of its layers"),),
        )
    checkpoint = Checkpoint(NamedFolder(path=folder, name=folder.name))
    owners = _owners(config)
    file = into / (folder.resolve().name or "model")  # messages name it
    with h5py.File(file, "w") as written:
        written.attrs["model_config"] = json.dumps(config)
        written.attrs["keras_version"] = str(root.get("keras_version", "2"))
        if isinstance(root.get("training_config"), Mapping):
            written.attrs["training_config"] = json.dumps(_plain(root["training_config"]))
        groups: dict[str, list[tuple[str, str]]] = {}
        for key, name in checkpoint.variable_names().items():
            owner = owners.get(name.partition("/")[0])
            if owner is not None and not key.startswith(_NOT_THE_MODELS) and "/.OPTIMIZER_SLOT/" not in key:
                groups.setdefault(owner, []).append((name, key))
        for owner, weights in groups.items():
            group = written.create_group(f"model_weights/{owner}")
            names = [name for name, _ in weights]
            if len(set(names)) < len(names):
                raise NoLayersModel(
                    folder.name,
                    (Refusal(layer=owner, class_name="", reason="two of its variables have one name"),),
                )
            group.attrs["weight_names"] = names
            for name, key in weights:
                group[name] = checkpoint.read(key)
    return file


def _root(folder: Path) -> Mapping[str, Any]:
    """The outermost model's object."""
    try:
        if (folder / METADATA).stat().st_size > MOST_BYTES:
            raise ValueError(f"it is larger than {MOST_BYTES >> 20} MiB")
        for number, node in _fields((folder / METADATA).read_bytes()):
            if number == _NODES and isinstance(node, bytes):
                fields = dict(_fields(node))
                if fields.get(_NODE_PATH) == b"root":
                    text = fields[_METADATA]
                    found = json.loads(text) if isinstance(text, bytes) else None
                    if isinstance(found, dict):
                        return found
        raise ValueError("it has no root")
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise CorruptModel(
            f"{folder.name}/{METADATA} can't be read: {quoted(error)}",
            hint="It is damaged or cut short. A graph model is made without it: --output-format graph.",
        ) from error


def _fields(data: bytes) -> Iterator[tuple[int, bytes | int]]:
    """A message's fields: numbers and bytes, which is all that this one has."""
    place = 0
    while place < len(data):
        tag, place = varint(data, place)
        value, place = varint(data, place)
        if tag & 7 == 0:
            yield tag >> 3, value
        elif tag & 7 == 2 and place + value <= len(data):
            yield tag >> 3, data[place : place + value]
            place += value
        else:
            raise ValueError(f"at byte {place} is no field")


def _plain(value: Any) -> Any:
    """Tuples and shapes are objects in this JSON, and lists in an HDF5 file's."""
    if isinstance(value, Mapping):
        if value.get("class_name") in _TUPLES and "items" in value:
            return _plain(value["items"])
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _layers_in(config: Any) -> list[Mapping[str, Any]]:
    inner = config.get("config") if isinstance(config, Mapping) else None
    listed = inner.get("layers") if isinstance(inner, Mapping) else None
    return [layer for layer in listed if isinstance(layer, Mapping)] if isinstance(listed, list) else []


def _owners(config: Mapping[str, Any]) -> dict[str, str]:
    """How a variable's name begins -> the layer of the outermost model that it belongs to, itself or with a nested one."""
    owners: dict[str, str] = {}
    for layer in _layers_in(config):
        name = _name(layer)
        owners[name] = name
    for layer in _layers_in(config):
        for nested in _nested(layer):
            owners.setdefault(nested, _name(layer))
    return owners


def _nested(layer: Mapping[str, Any]) -> Iterator[str]:
    for inner in _layers_in(layer):
        yield _name(inner)
        yield from _nested(inner)


def _name(layer: Mapping[str, Any]) -> str:
    inner = layer.get("config")
    return str(layer.get("name") or (inner.get("name") if isinstance(inner, Mapping) else None))
