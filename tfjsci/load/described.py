"""What a SavedModel or a frozen graph says of itself, by its protobufs and its checkpoint's table of contents; nothing is run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tfjsci.graph.tensorflow import tensorflow
from tfjsci.load.checkpoint import Checkpoint
from tfjsci.load.danger import read_saved_model
from tfjsci.load.graph_file import read_graph_file
from tfjsci.load.named_folder import NamedFolder
from tfjsci.load.placeholders import shape_of
from tfjsci.load.signature_def import specs_in
from tfjsci.signature import TensorSpec

_VARIABLES = ("VarHandleOp", "VariableV2", "Variable")
"""Ops whose values lie in the checkpoint."""


@dataclass(frozen=True, kw_only=True)
class GraphFacts:
    """``signatures`` go by name: inputs and outputs; ``weights`` by name: dtype and shape; ``ops`` counts all nodes.

    ``string_bytes`` tells how long weights of strings are.
    """

    signatures: Mapping[str, tuple[tuple[TensorSpec, ...], tuple[TensorSpec, ...]]]
    ops: Mapping[str, int]
    weights: Mapping[str, tuple[str, tuple[int, ...]]]
    string_bytes: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def describe_saved_model(folder: NamedFolder, tags: Sequence[str] | None = None) -> GraphFacts:
    """All graphs together, or the one of these ``tags``. Raises ``CorruptModel``."""
    metas = [
        meta
        for meta in read_saved_model(folder).meta_graphs
        if tags is None or set(meta.meta_info_def.tags) == set(tags)
    ]
    told = "; ".join(", ".join(meta.meta_info_def.tags) or "no tag" for meta in metas) or "none"
    weights, string_bytes = {}, {}
    if (folder.path / "variables").is_dir():
        checkpoint = Checkpoint(folder)
        weights = {key: found for key, found in checkpoint.contents().items() if _is_weight(key)}
        strings = [key for key, (dtype, _) in weights.items() if dtype == "string"]
        string_bytes = {key: sum(map(len, checkpoint.read(key).ravel().tolist())) for key in strings}
    signatures = {
        name: (specs_in(definition.inputs), specs_in(definition.outputs))
        for meta in metas
        for name, definition in sorted(meta.signature_def.items())
        if not name.startswith("__")
    }
    ops: Counter[str] = Counter()
    for meta in metas:
        ops.update(_ops(meta.graph_def))
    notes = [f"graphs by tags: {told}"]
    if not weights and any(op in ops for op in _VARIABLES):
        notes.append("its variables aren't told: variables/ is missing, or empty")
    return GraphFacts(
        signatures=signatures,
        ops=dict(sorted(ops.items())),
        weights=weights,
        string_bytes=string_bytes,
        notes=tuple(notes),
    )


def describe_frozen(file: Path) -> GraphFacts:
    """The Placeholders are taken for inputs, and what nobody reads for outputs. Raises ``CorruptModel``."""
    read = read_graph_file(file)
    producer = read.graphdef.versions.producer
    weights = {name: (value.dtype.name, value.shape) for name, value in read.weights.items()}
    nodes = [node for node in read.graphdef.node if node.name not in weights]
    tf = tensorflow()
    inputs = tuple(
        TensorSpec(
            name=node.name,
            tensor=f"{node.name}:0",
            dtype=tf.as_dtype(node.attr["dtype"].type).name,
            shape=shape_of(node, producer),
        )
        for node in nodes
        if node.op == "Placeholder"
    )
    used = {tensor.partition(":")[0].lstrip("^") for node in nodes for tensor in node.input}
    ends = [node.name for node in nodes if node.name not in used and node.op not in ("Const", "NoOp", "Placeholder")]
    outputs = tuple(TensorSpec(name=name, tensor=f"{name}:0", dtype="unknown", shape=None) for name in ends)
    ops = Counter(_ops(read.graphdef))
    ops["Placeholder"] -= len(weights)
    ops["Const"] += len(weights)
    return GraphFacts(
        signatures={"": (inputs, outputs)}, ops={op: n for op, n in sorted(ops.items()) if n > 0}, weights=weights
    )


def _ops(graphdef: Any) -> Counter[str]:
    found = Counter(node.op for node in graphdef.node)
    for function in graphdef.library.function:
        found.update(node.op for node in function.node_def)
    return found


def _is_weight(key: str) -> bool:
    """Not what training keeps, nor the checkpoint's own table."""
    return not (key.startswith(("_", "optimizer/", "save_counter")) or "/.OPTIMIZER_SLOT/" in key)
