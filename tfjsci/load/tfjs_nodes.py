"""The nodes of a TF.js graph model with their weights, which lie beside the graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tfjsci.graph.graph import Array, Constant, Graph
from tfjsci.graph.graphdef import from_graphdef
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.load.origin import layer_of


def take_weights(nodes: Iterable[Any], weights: Mapping[str, Array]) -> None:
    """Each Const as a Placeholder, in place, which its weight replaces. Raises ``ValueError`` where there is none."""
    for node in nodes:
        if node.op != "Const":
            continue
        if node.name not in weights:
            raise ValueError(f"the Const {node.name!r} has no weight")
        node.op = "Placeholder"
        node.attr["value"].tensor.SetInParent()
        node.ClearField("input")


def graph_with(graphdef: Any, outputs: list[str], weights: Mapping[str, Array]) -> Graph:
    """The graph that makes ``outputs``, after :func:`take_weights`.

    Raises ``ValueError`` for a weight that doesn't fit its Const, and ``GraphError``.
    """
    values = {
        node.name: _constant(node, weights[node.name])
        for node in graphdef.node
        if node.op == "Placeholder" and "value" in node.attr  # a Const's; an argument may be called as a weight is
    }
    return from_graphdef(
        graphdef, outputs=outputs, weights=values, origins={node.name: layer_of(node.name) for node in graphdef.node}
    )


def _constant(node: Any, value: Array) -> Constant:
    """In the dtype that the graph says: int64 and half are stored as what the runtime has."""
    tf = tensorflow()
    declared = tf.as_dtype(node.attr["dtype"].type)
    shape = node.attr["value"].tensor.tensor_shape
    told = tuple(int(size.size) for size in shape.dim)
    if shape.dim and told != value.shape:
        raise ValueError(f"the Const {node.name!r} has the shape {list(told)}, its weight {list(value.shape)}")
    if declared == tf.string or value.dtype.kind == "O":
        if declared != tf.string or value.dtype.kind != "O":
            raise ValueError(f"the Const {node.name!r} is {declared.name}, its weight {value.dtype.name}")
        wanted = value
    else:
        wanted = value.astype(declared.as_numpy_dtype)
        kinds = (np.dtype(declared.as_numpy_dtype).kind.replace("V", "f").replace("u", "i"), value.dtype.kind)
        if kinds[0] != kinds[1]:
            raise ValueError(f"the Const {node.name!r} is {declared.name}, its weight {value.dtype.name}")
    named = value.ndim > 0 and value.dtype.kind == "f"
    return Constant(value=wanted, sources=(node.name,) if named else ())
