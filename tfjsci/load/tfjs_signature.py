"""What a TF.js graph model takes and gives: by its signature, as the runtime looks for it, or by its nodes where it has none.

Source: tfjs-converter 4.22.0, ``graph_model.ts`` and ``operation_mapper.ts`` (``transformGraph``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tfjsci.format.metadata import KEY, STRUCTURED
from tfjsci.graph.graph import node_of
from tfjsci.graph.shape_proto import shape_in
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.load.tfjs_tables import is_handed_over
from tfjsci.signature import TensorSpec

Entry = tuple[str, str, Mapping[str, Any]]
"""A name of the signature, the tensor behind it, and what the file says of it."""


def signature_in(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """As the runtime looks for it: older files have it in their metadata."""
    found = document.get("signature")
    if found is None and isinstance(metadata := document.get("userDefinedMetadata"), dict):
        found = metadata.get("signature")
    return found if isinstance(found, dict) else {}


def _entries(signature: Mapping[str, Any], side: str) -> list[Entry]:
    entries = signature.get(side) or {}
    if not isinstance(entries, dict):
        raise ValueError(f"the signature's {side} aren't an object")
    found: list[Entry] = []
    for name, entry in entries.items():
        if not isinstance(entry, dict):
            raise ValueError(f"the signature's {name!r} isn't an object")
        found.append((name, str(entry.get("name") or name), entry))
    return found


def inputs_of(graphdef: Any, signature: Mapping[str, Any], placeholders: list[str]) -> tuple[TensorSpec, ...]:
    """Those of the signature, else every Placeholder. A Placeholder that isn't in the signature is an input all the same."""
    nodes = {node.name: node for node in graphdef.node}
    entries = [entry for entry in _entries(signature, "inputs") if not is_handed_over(entry[2])]
    named = {node_of(tensor) for _, tensor, _ in entries}
    for name, tensor, _ in entries:
        if node_of(tensor) not in placeholders:
            raise ValueError(f"the input {name!r} is the tensor {tensor!r}, and no Placeholder has that name")
    entries += [(name, name, {}) for name in placeholders if name not in named]
    tf = tensorflow()
    specs = []
    for name, tensor, entry in entries:
        attr = nodes[node_of(tensor)].attr
        shape = _shape_of(entry.get("tensorShape"))
        if shape is None and "shape" in attr:
            shape = shape_in(attr["shape"].shape)
        if shape is None:
            raise ValueError(f"nothing says how many dimensions the input {name!r} has")
        dtype = tf.as_dtype(attr["dtype"].type or tf.float32.as_datatype_enum).name
        specs.append(TensorSpec(name=name, tensor=f"{node_of(tensor)}:0", dtype=dtype, shape=shape))
    return tuple(specs)


def outputs_of(graphdef: Any, signature: Mapping[str, Any], document: Mapping[str, Any]) -> list[Entry]:
    """Those of the signature, under the keys of its structured outputs, else the nodes that nobody reads."""
    entries = _entries(signature, "outputs")
    if not entries:
        read = {node_of(tensor.lstrip("^")) for node in graphdef.node for tensor in node.input}
        entries = [(node.name, node.name, {}) for node in graphdef.node if node.name not in read]
    if keys := _structured_keys(document, len(entries)):
        entries = [(key, tensor, entry) for key, (_, tensor, entry) in zip(keys, entries, strict=True)]
    if not entries:
        raise ValueError("it has no output")
    return entries


def structured_in(document: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """What lets ``predict`` give the outputs, which are called ``names``, by name, where it does so in this model."""
    return {STRUCTURED: list(names)} if _structured_keys(document, len(names)) == list(names) else {}


def _structured_keys(document: Mapping[str, Any], count: int) -> list[str]:
    """The outputs' keys, if there is one for each of ``count`` outputs."""
    metadata = document.get(KEY)
    keys = metadata.get(STRUCTURED) if isinstance(metadata, dict) else None
    return list(map(str, keys)) if isinstance(keys, list) and len(keys) == len(set(map(str, keys))) == count else []


def _shape_of(value: Any) -> tuple[int | None, ...] | None:
    """A shape in JSON; protobuf leaves a size of 0 out, and of a scalar everything."""
    if not isinstance(value, dict) or value.get("unknownRank"):
        return None
    dims = value.get("dim", [])
    sizes = [int(dim.get("size", 0)) for dim in dims]
    return tuple(None if size < 0 else size for size in sizes)
