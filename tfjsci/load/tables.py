"""What the look-up tables of a SavedModel hold, read off its initialiser as data: nothing of it is run.

A table is a handle in the graph, and the initialiser imports constants into it, or the lines of a vocabulary file among the
SavedModel's assets. A mutable table has its contents in the checkpoint, which the restore function imports.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tfjsci.errors import ConversionFailed, CorruptModel
from tfjsci.graph.graph import Array
from tfjsci.graph.grappler import optimize, prepare
from tfjsci.graph.tables import TableContents
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.load.assets import asset_files, vocabulary
from tfjsci.load.checkpoint import Checkpoint, shared_name
from tfjsci.load.named_folder import NamedFolder
from tfjsci.load.traced import Table

HANDLES = frozenset(
    {
        "HashTableV2",
        "MutableHashTableV2",
        "MutableHashTableOfTensorsV2",
        "MutableDenseHashTableV2",
        "AnonymousHashTable",
    }
)
"""The ops that make a table."""

IMPORTS = frozenset({"LookupTableImportV2", "InitializeTableV2"})
"""The ops that fill one with keys and values."""

FROM_FILE = "InitializeTableFromTextFileV2"
_HANDS_ON = frozenset({"Identity", "IdentityN", "Snapshot"})
_INIT_SIGNATURE = "__saved_model_init_op"
_INIT_COLLECTIONS = ("saved_model_main_op", "legacy_init_op", "table_initializer")


@dataclass(frozen=True, kw_only=True)
class _Filled:
    """Where a table's contents come from: the nodes of a flat graph."""

    node: Any
    flat: _Flat


def tables_of(folder: NamedFolder, meta: Any) -> dict[str, Table]:
    """Each node of the main graph that makes a look-up table, with a way to read what it holds.

    Reading raises ``ConversionFailed`` for contents that are computed, or that nothing fills, and ``CorruptModel`` for a
    vocabulary file that is missing, or lies outside of the SavedModel's assets.
    """
    handles = [node for node in meta.graph_def.node if node.op in HANDLES]
    if not handles:
        return {}
    filled = _filled(meta)

    def reader(node: Any) -> Callable[[int, int], TableContents]:
        return lambda _key, _value: _contents(folder, meta, node, filled)

    return {node.name: Table(path=_path(node), read=reader(node)) for node in handles}


def _path(handle: Any) -> str:
    """The table's own name: a shared name of the export's making begins with it."""
    return str(handle.name)


class _Flat:
    """A part of the main graph with its calls inlined, and constants computed as Grappler does it."""

    def __init__(self, meta: Any, fetch: list[str]) -> None:
        self.nodes = {
            node.name: node
            for node in optimize(
                prepare(meta.graph_def, fetch=fetch), fetch=fetch, feed=[], passes=("function", "constfold")
            ).node
        }

    def origin(self, tensor: str) -> tuple[Any, int]:
        """The node that makes a tensor, seen through those that hand it on, and which of its outputs it is."""
        name, _, index = tensor.partition(":")
        node = self.nodes[name]
        while node.op in _HANDS_ON:
            name, _, index = node.input[int(index or 0) if node.op == "IdentityN" else 0].partition(":")
            node = self.nodes[name]
        return node, int(index or 0)


def initializers(meta: Any) -> list[str]:
    """The names of the nodes that TensorFlow runs when it has loaded the model."""
    names = []
    if _INIT_SIGNATURE in meta.signature_def:
        names += [info.name for info in meta.signature_def[_INIT_SIGNATURE].outputs.values()]
    for key in _INIT_COLLECTIONS:
        if key in meta.collection_def:
            names += list(meta.collection_def[key].node_list.value)
    present = {node.name for node in meta.graph_def.node}
    bare = dict.fromkeys(name.lstrip("^").partition(":")[0] for name in names)
    return [name for name in bare if name in present]


def _filled(meta: Any) -> dict[str, list[_Filled]]:
    """What fills each table, by the name that its handles share; the restore function comes last."""
    found: dict[str, list[_Filled]] = {}
    restore = [name for name in (meta.saver_def.restore_op_name,) if any(n.name == name for n in meta.graph_def.node)]
    for fetch in (initializers(meta), restore):
        if not fetch:
            continue
        flat = _Flat(meta, fetch)
        for node in flat.nodes.values():
            if node.op in IMPORTS or node.op == FROM_FILE:
                handle, _ = flat.origin(node.input[0])
                if handle.op in HANDLES:
                    found.setdefault(table_name(handle), []).append(_Filled(node=node, flat=flat))
    return found


def table_name(handle: Any) -> str:
    """What tells one table from another: its shared name, else the node's own."""
    return shared_name(handle)


def _contents(folder: NamedFolder, meta: Any, handle: Any, filled: Mapping[str, list[_Filled]]) -> TableContents:
    path = _path(handle)
    fillings = filled.get(table_name(handle), [])
    if not fillings:
        raise ConversionFailed(
            f"nothing fills the look-up table {path}: neither the SavedModel's initialiser nor its checkpoint",
            hint="Save the model with the object that owns the table as an attribute of it, so that the table is saved, too.",
        )
    filling = fillings[-1]
    if filling.node.op == FROM_FILE:
        keys, values = _of_file(folder, meta, filling, handle, path)
    else:
        keys, values = (_value(folder, filling.flat, tensor, path) for tensor in filling.node.input[1:3])
    if len(keys) != len(values):
        raise CorruptModel(
            f"the look-up table {path} has {len(keys)} keys and {len(values)} values",
            hint="The SavedModel is damaged, or was changed by hand. Export it again.",
        )
    return unique(keys, values, path)


def unique(keys: Array, values: Array, path: str) -> TableContents:
    """The contents in the order of their keys. Raises ``ConversionFailed`` where one key has two values."""
    flat = keys.reshape(-1)
    order = sorted(range(len(flat)), key=lambda i: flat[i])
    kept = [i for n, i in enumerate(order) if not n or flat[i] != flat[order[n - 1]]]
    if len(kept) < len(order):
        first: dict[Any, Any] = {}
        for key, value in zip(flat.tolist(), values.tolist(), strict=True):
            if first.setdefault(key, value) != value:
                raise ConversionFailed(
                    f"the look-up table {path} has two values for {key!r}", hint="Take the repeated key out."
                )
    return TableContents(keys=flat[kept], values=values[kept], path=path)


def _value(folder: NamedFolder, flat: _Flat, tensor: str, path: str) -> Array:
    node, index = flat.origin(tensor)
    tf = tensorflow()
    if node.op == "Const":
        return np.asarray(tf.make_ndarray(node.attr["value"].tensor))
    if node.op == "RestoreV2":
        names, _ = flat.origin(node.input[1])
        listed = tf.make_ndarray(names.attr["value"].tensor).reshape(-1)
        return Checkpoint(folder).read(listed[index].decode())
    raise ConversionFailed(
        f"what the look-up table {path} holds is computed when the model is loaded (by {node.op} {node.name})",
        hint="Fill it from constants: tf.lookup.KeyValueTensorInitializer of lists or arrays, or from a vocabulary file.",
    )


def _asset(flat: _Flat, tensor: str) -> str:
    """The node that brings a path, which may be kept in a variable meanwhile."""
    node, _ = flat.origin(tensor)
    if node.op == "ReadVariableOp":
        handle, _ = flat.origin(node.input[0])
        for other in flat.nodes.values():
            if other.op == "AssignVariableOp" and flat.origin(other.input[0])[0] is handle:
                return str(flat.origin(other.input[1])[0].name)
    return str(node.name)


def _of_file(folder: NamedFolder, meta: Any, filling: _Filled, handle: Any, path: str) -> tuple[Array, Array]:
    node = filling.node
    source = _asset(filling.flat, node.input[1])
    file = asset_files(folder, meta).get(source)
    if file is None:
        raise ConversionFailed(
            f"the look-up table {path} is filled from a file that isn't among the SavedModel's assets",
            hint="Save the vocabulary with the model: tf.saved_model.Asset, or TextFileInitializer in an attribute of it.",
        )
    tf = tensorflow()
    dtypes = [tf.as_dtype(handle.attr[name].type).name for name in ("key_dtype", "value_dtype")]
    return vocabulary(
        file,
        key_index=int(node.attr["key_index"].i),
        value_index=int(node.attr["value_index"].i),
        delimiter=node.attr["delimiter"].s or b"\t",
        size=int(node.attr["vocab_size"].i),
        offset=int(node.attr["offset"].i),
        dtypes=(dtypes[0], dtypes[1]),
        path=path,
    )
