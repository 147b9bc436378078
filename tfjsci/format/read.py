"""An artifact read back: ``model.json`` and its shards as names and numbers, dequantised as the runtime does it.

Strict: beside what :mod:`tfjsci.format.weights` asks, every Const of the graph has its weight, and every weight its Const.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tfjsci.format.topology import DATA_TYPES
from tfjsci.format.weights import corrupt, list_of_dicts, read_document, read_weights
from tfjsci.graph.graph import Array, dtype_name


@dataclass(frozen=True, kw_only=True)
class StoredArtifact:
    """``model`` is model.json as parsed; ``weights`` are by name, in the dtypes that the runtime computes with."""

    model: Mapping[str, Any]
    weights: Mapping[str, Array]


def read_artifact(folder: Path) -> StoredArtifact:
    """Read the artifact in ``folder``.

    Weights are float32, int32, bool or complex64 arrays, or arrays of ``bytes``. Raises ``CorruptModel`` for whatever
    isn't as the format wants it, with the file and the weight.
    """
    model = read_document(folder / "model.json", "graph-model")
    weights, _ = read_weights(folder, model)
    _hold_against_topology(model, weights)
    return StoredArtifact(model=MappingProxyType(model), weights=MappingProxyType(weights))


def _hold_against_topology(model: Mapping[str, Any], weights: Mapping[str, Array]) -> None:
    topology = model.get("modelTopology")
    if not isinstance(topology, dict):
        raise corrupt("model.json has no modelTopology")
    nodes = list_of_dicts(topology, "node", "modelTopology")
    if isinstance(initializer := model.get("modelInitializer"), dict):  # a graph of its own, fed from the same weights
        nodes = nodes + list_of_dicts(initializer, "node", "modelInitializer")
    library = topology.get("library")
    if isinstance(library, dict) and "function" in library:
        for function in list_of_dicts(library, "function", "library"):
            nodes = nodes + list_of_dicts(function, "nodeDef", "a function")
    consts = {str(node.get("name")): node for node in nodes if node.get("op") == "Const"}
    for name in sorted(consts.keys() ^ weights.keys()):
        raise corrupt(f"the Const {name!r} has no weight" if name in consts else f"no Const reads the weight {name!r}")
    for name, node in consts.items():
        attr = node.get("attr")
        dtype = attr.get("dtype") if isinstance(attr, dict) else None
        told = dtype.get("type") if isinstance(dtype, dict) else None
        if told != DATA_TYPES[dtype_name(weights[name])]:
            raise corrupt(f"the Const {name!r} is {told!r}, its weight {dtype_name(weights[name])}")
