"""Look-ups in a table as examples for lowerings: the table's entries are Consts of the graph, what is sought is an input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from lowering_cases import Example

from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.graph.graph import Array, Constant, DType, Graph, Node, ShapeAttr, dtype_name
from tfjsci.graph.tables import FIND, TableContents, table_nodes

__all__ = ["look_up", "sized", "texts"]


def texts(*words: str | bytes, shape: Sequence[int] | None = None) -> Array:
    """Strings as TensorFlow has them, in a row or in ``shape``."""
    found = np.empty(len(words), dtype=object)
    found[:] = [word if isinstance(word, bytes) else word.encode() for word in words]
    return found if shape is None else found.reshape(shape)


def look_up(
    keys: Array,
    values: Array,
    sought: Array,
    default: Any,
    *,
    open_axes: Sequence[int] = (),
    backends: Sequence[Backend] = BACKENDS,
) -> Example:
    """``op`` finds ``sought`` in the table; the sizes of ``open_axes`` are known to the run alone."""
    other = np.asarray(default, dtype=values.dtype)
    nodes, constants = _table(keys, values)
    shape = tuple(None if axis in open_axes else n for axis, n in enumerate(sought.shape))
    key, value = DType(dtype_name(keys)), DType(dtype_name(values))
    nodes = (
        *nodes,
        Node(name="x", op="Placeholder", attrs={"dtype": key, "shape": ShapeAttr(shape)}),
        Node(name="default", op="Const", attrs={"dtype": value}),
        Node(name="op", op=FIND, inputs=("table", "x", "default"), attrs={"Tin": key, "Tout": value}),
    )
    graph = Graph(nodes=nodes, outputs=("op",), constants={**constants, "default": Constant(value=other)})
    return Example(
        graph=graph,
        inputs={"x": sought},
        backends=tuple(backends),
        text=f"{len(keys)} {key.name} -> {value.name}, open {list(open_axes)}",
    )


def sized(keys: Array, values: Array) -> Example:
    """``op`` is the table's size."""
    nodes, constants = _table(keys, values)
    size = Node(name="op", op="LookupTableSizeV2", inputs=("table",))
    return Example(graph=Graph(nodes=(*nodes, size), outputs=("op",), constants=constants), inputs={})


def _table(keys: Array, values: Array) -> tuple[tuple[Node, ...], dict[str, Constant]]:
    contents = TableContents(keys=keys.copy(), values=values.copy(), path="table")
    return table_nodes("table", contents, taken=Graph(nodes=(), outputs=()))
