"""What the look-up tables of a frozen graph hold: constants that a node of the same file puts into them.

That node may hang on the look-up (as this package writes them), or stand by itself, as TensorFlow 1's initialiser does where it
was named when the graph was frozen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tfjsci.errors import ConversionFailed, CorruptModel
from tfjsci.graph.graph import Array
from tfjsci.graph.tables import TableContents
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.load.graph_file import GraphFile
from tfjsci.load.tables import FROM_FILE, HANDLES, IMPORTS, table_name, unique
from tfjsci.load.traced import Table

_HANDS_ON = frozenset({"Identity", "Snapshot"})
_GIVE = "Give the SavedModel, which has what fills its tables; or name the initialiser, too, when you freeze the graph."


@dataclass(frozen=True, kw_only=True)
class FrozenTables:
    """Each table by the node that makes it, and the names of the nodes that fill them."""

    tables: Mapping[str, Table]
    fillers: tuple[str, ...]


def tables_in_file(file: Path, read: GraphFile) -> FrozenTables:
    """Reading one raises ``ConversionFailed`` where the file doesn't have what the table holds."""
    nodes = {node.name: node for node in read.graphdef.node}

    def origin(tensor: str) -> Any:
        node = nodes.get(tensor.partition(":")[0])
        while node is not None and node.op in _HANDS_ON and node.input:
            node = nodes.get(node.input[0].partition(":")[0])
        return node

    filled: dict[str, list[Any]] = {}
    for node in nodes.values():
        if node.op in IMPORTS or node.op == FROM_FILE:
            handle = origin(node.input[0]) if node.input else None
            if handle is not None and handle.op in HANDLES:
                filled.setdefault(table_name(handle), []).append(node)

    def reader(name: str, fillers: list[Any]) -> Callable[[int, int], TableContents]:
        return lambda *_: _contents(file, name, fillers, lambda tensor: _value(read, origin(tensor), name))

    return FrozenTables(
        tables={
            node.name: Table(path=node.name, read=reader(node.name, filled.get(table_name(node), [])))
            for node in nodes.values()
            if node.op in HANDLES
        },
        fillers=tuple(node.name for group in filled.values() for node in group if node.op in IMPORTS),
    )


def _contents(file: Path, name: str, fillers: list[Any], value: Callable[[str], Array]) -> TableContents:
    if not fillers:
        raise ConversionFailed(f"nothing in {file.name} fills the look-up table {name}", hint=_GIVE)
    if any(node.op == FROM_FILE for node in fillers):
        raise ConversionFailed(
            f"the look-up table {name} is filled from a file, which the frozen graph {file.name} doesn't hold",
            hint="Give the SavedModel, which has the file among its assets.",
        )
    keys, values = (value(tensor) for tensor in fillers[-1].input[1:3])
    if len(keys) != len(values):
        raise CorruptModel(
            f"the look-up table {name} has {len(keys)} keys and {len(values)} values",
            hint=f"{file.name} is damaged, or was changed by hand: freeze the graph again.",
        )
    return unique(keys, values, name)


def _value(read: GraphFile, node: Any, table: str) -> Array:
    if node is not None and node.name in read.weights:
        return read.weights[node.name]
    if node is None or node.op != "Const":
        made = "nothing" if node is None else f"{node.op} {node.name}"
        raise ConversionFailed(f"what the look-up table {table} holds is computed (by {made})", hint=_GIVE)
    return np.asarray(tensorflow().make_ndarray(node.attr["value"].tensor))
