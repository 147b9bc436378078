"""What a graph model's ``model.json`` says of its inputs and outputs, in the order in which the runtime has them.

Source: tfjs-converter 4.22.0, ``graph_model.ts`` (older files have the signature in their metadata) and
``operation_mapper.ts`` (without one the inputs are the Placeholders and the outputs what nobody reads).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tfjsci.format.topology import DATA_TYPES
from tfjsci.format.weights import corrupt, list_of_dicts
from tfjsci.graph.graph import Shape, indexed, node_of
from tfjsci.signature import TensorSpec

UNKNOWN = "unknown"
"""The dtype of an output that the file says nothing of."""

_NAMES = {enum: name for name, enum in DATA_TYPES.items()}


def specs_in(document: Mapping[str, Any]) -> tuple[tuple[TensorSpec, ...], tuple[TensorSpec, ...]]:
    """Inputs and outputs; those that the model's own initializer feeds aren't among them. Raises ``CorruptModel``."""
    signature = _signature(document)
    inputs, outputs = (tuple(_told(signature, side)) for side in ("inputs", "outputs"))
    if inputs and outputs:
        return inputs, outputs
    topology = document.get("modelTopology")
    if not isinstance(topology, dict):
        raise corrupt("model.json has no modelTopology")
    nodes = list_of_dicts(topology, "node", "modelTopology")
    read = {node_of(str(tensor)) for node in nodes for tensor in node.get("input") or ()}
    ends = (node for node in nodes if node.get("name") not in read)
    return (
        inputs or tuple(_placeholder(node) for node in nodes if node.get("op") == "Placeholder"),
        outputs or tuple(_bare(str(node.get("name"))) for node in ends),
    )


def captured_in(document: Mapping[str, Any]) -> tuple[TensorSpec, ...]:
    """The inputs that are weights which the model's own initializer makes. Raises ``CorruptModel``."""
    fed = (spec for spec, feeds in _entries(_signature(document), "inputs") if feeds)
    return tuple(spec for spec in fed if spec.dtype != "resource")


def _signature(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """That of the metadata first, as the runtime takes it."""
    metadata = document.get("userDefinedMetadata")
    places = [metadata.get("signature") if isinstance(metadata, Mapping) else None, document.get("signature")]
    return next((place for place in places if isinstance(place, Mapping)), {})


def _told(signature: Mapping[str, Any], side: str) -> Iterator[TensorSpec]:
    return (spec for spec, feeds in _entries(signature, side) if not feeds)


def _entries(signature: Mapping[str, Any], side: str) -> Iterator[tuple[TensorSpec, bool]]:
    """Each entry, and whether the initializer feeds it."""
    entries = signature.get(side) or {}
    if not isinstance(entries, Mapping) or not all(isinstance(entry, Mapping) for entry in entries.values()):
        raise corrupt(f"model.json: the signature's {side} aren't objects by name")
    for name, entry in entries.items():
        spec = TensorSpec(
            name=name,
            tensor=indexed(str(entry.get("name") or name)),
            dtype=_dtype(name, entry.get("dtype")),
            shape=_shape(name, entry.get("tensorShape")),
        )
        yield spec, entry.get("resourceId") is not None


def _placeholder(node: Mapping[str, Any]) -> TensorSpec:
    name, attr = str(node.get("name")), node.get("attr")
    attrs = attr if isinstance(attr, Mapping) else {}
    dtype, shape = attrs.get("dtype"), attrs.get("shape")
    return TensorSpec(
        name=name,
        tensor=indexed(name),
        dtype=_dtype(name, dtype.get("type") if isinstance(dtype, Mapping) else None),
        shape=_shape(name, shape.get("shape") if isinstance(shape, Mapping) else None),
    )


def _bare(name: str) -> TensorSpec:
    return TensorSpec(name=name, tensor=indexed(name), dtype=UNKNOWN, shape=None)


def _dtype(name: str, told: Any) -> str:
    if told is None:
        return UNKNOWN
    if not isinstance(told, str) or told not in _NAMES:
        raise corrupt(f"model.json: the dtype of {name!r} is {told!r}")
    return _NAMES[told]


def _shape(name: str, told: Any) -> Shape:
    """protobuf leaves a size of 0 out, and of a scalar everything."""
    if not isinstance(told, Mapping) or told.get("unknownRank"):
        return None
    dims = told.get("dim", [])
    try:
        sizes = [int(dim.get("size", 0)) for dim in dims]
    except (TypeError, ValueError, AttributeError) as error:
        raise corrupt(f"model.json: the shape of {name!r} is {str(told)[:100]}") from error
    return tuple(None if size < 0 else size for size in sizes)
