"""An artifact cut down to one node: its data inputs become the model's, its weights and functions stay the artifact's own.

It is the artifact itself that is run, so that a weight that was damaged in it, or packed, is as it is there.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfjsci.dtypes import RUNTIME_DTYPE
from tfjsci.format.topology import DATA_TYPES, shape_json
from tfjsci.format.weights import GRAPH_MODEL, corrupt, list_of_dicts, read_document
from tfjsci.graph.graph import Array, dtype_name, indexed, node_of, normal, unused_name
from tfjsci.localize.sides import NotReplayable


@dataclass(frozen=True, kw_only=True)
class Cut:
    """``folder`` holds the model; ``inputs`` and ``outputs`` are tensors of the artifact by the names in its signature."""

    folder: Path
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]


@contextmanager
def cut_down(folder: Path, node: str, inputs: Mapping[str, Array], outputs: Sequence[str]) -> Iterator[Cut]:
    """The artifact in ``folder`` as a model of ``node`` alone, in a folder that is there as long as the block.

    ``inputs`` has the node's inputs that aren't weights, by tensor. Raises ``NotReplayable`` and ``CorruptModel``.
    """
    document = read_document(folder / "model.json", GRAPH_MODEL)
    cut, given, made = cut_document(document, node, inputs, outputs)
    with with_document(folder, cut) as place:
        yield Cut(folder=place, inputs=given, outputs=made)


@contextmanager
def with_document(folder: Path, document: Mapping[str, Any]) -> Iterator[Path]:
    """A folder with ``document`` as its ``model.json`` and the shards of ``folder``, as long as the block.

    Raises ``CorruptModel`` for a shard's path that leaves the folder.
    """
    with tempfile.TemporaryDirectory(prefix="tfjsci-") as place:
        (Path(place) / "model.json").write_text(json.dumps(document), encoding="utf-8")
        for shard in _shards(document):
            _put(folder, Path(place), shard)
        yield Path(place)


def cut_document(
    document: Mapping[str, Any], node: str, inputs: Mapping[str, Array], outputs: Sequence[str]
) -> tuple[dict[str, Any], dict[str, str], dict[str, str]]:
    """``model.json`` of the node alone, and the tensors behind the names of its inputs and of its outputs."""
    topology = document.get("modelTopology")
    if not isinstance(topology, dict):
        raise corrupt("model.json has no modelTopology")
    nodes = {str(each.get("name")): each for each in list_of_dicts(topology, "node", "modelTopology")}
    if node not in nodes:
        raise NotReplayable(f"the artifact has no node {node}")
    captured = {node_of(str(entry.get("name") or name)): name for name, entry in _captured(document).items()}
    taken = set(nodes)
    placeholders: dict[str, dict[str, Any]] = {}
    read: list[str] = []
    kept: dict[str, dict[str, Any]] = {}
    for tensor in (str(each) for each in nodes[node].get("input") or () if not str(each).startswith("^")):
        name = node_of(tensor)
        if normal(tensor) in inputs:
            if tensor not in placeholders:
                fed = unused_name(f"replayed/input_{len(placeholders)}", taken)
                taken.add(fed)
                placeholders[tensor] = _placeholder(fed, inputs[normal(tensor)])
            read.append(placeholders[tensor]["name"])
            continue
        if name not in nodes:
            raise NotReplayable(f"the artifact has no node {name}")
        if nodes[name].get("input") or (nodes[name].get("op") == "Placeholder" and name not in captured):
            raise NotReplayable(f"its input {name} can't be given from outside")
        kept[name] = nodes[name]
        read.append(tensor)
    given = {f"input_{i}": normal(tensor) for i, tensor in enumerate(placeholders)}
    made = {f"output_{i}": tensor for i, tensor in enumerate(outputs)}
    entries = {
        f"input_{i}": {"name": f"{placeholder['name']}:0", **_told(inputs[normal(tensor)])}
        for i, (tensor, placeholder) in enumerate(placeholders.items())
    }
    entries |= {captured[name]: _captured(document)[captured[name]] for name in kept if name in captured}
    cut = {
        **{key: value for key, value in document.items() if key != "userDefinedMetadata"},
        "signature": {"inputs": entries, "outputs": {name: {"name": indexed(tensor)} for name, tensor in made.items()}},
        "modelTopology": {
            **topology,
            "node": [*kept.values(), *placeholders.values(), {**nodes[node], "input": read}],
        },
    }
    return cut, given, made


def _captured(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The inputs that the model's own initializer feeds."""
    signature = document.get("signature")
    entries = signature.get("inputs") if isinstance(signature, dict) else None
    named = entries if isinstance(entries, dict) else {}
    return {
        name: entry for name, entry in named.items() if isinstance(entry, dict) and entry.get("resourceId") is not None
    }


def _told(value: Array) -> dict[str, Any]:
    return {"dtype": DATA_TYPES[RUNTIME_DTYPE[dtype_name(value)]], "tensorShape": shape_json(value.shape)}


def _placeholder(name: str, value: Array) -> dict[str, Any]:
    told = _told(value)
    attrs = {"dtype": {"type": told["dtype"]}, "shape": {"shape": told["tensorShape"]}}
    return {"name": name, "op": "Placeholder", "attr": attrs}


def _shards(document: Mapping[str, Any]) -> list[str]:
    groups = list_of_dicts(document, "weightsManifest", "model.json")
    return [str(path) for group in groups for path in group.get("paths") or ()]


def _put(folder: Path, place: Path, shard: str) -> None:
    """A link to the shard, or a copy where there can be none; what leads out of the folder isn't followed."""
    source, target = (folder / shard).resolve(), (place / shard).resolve()
    if not source.is_relative_to(folder.resolve()) or not target.is_relative_to(place.resolve()):
        raise corrupt(f"model.json: the shard's path {shard!r} leaves the folder")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links
        shutil.copyfile(source, target)
