"""Weights that a TF.js graph model's ``modelInitializer`` makes of packed bytes: made here, too, by TensorFlow.

From there on they are weights as any other.

Source: tfjs-converter 4.22.0, ``graph_model.ts`` (``executeInitializerGraph``, ``setResourceIdToCapturedInput``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tfjsci.graph.graph import Array
from tfjsci.graph.running import runnable
from tfjsci.load.tfjs_nodes import graph_with, take_weights
from tfjsci.load.tfjs_tables import captured_tensors, is_table_of


def with_captured(
    graphdef: Any, document: Mapping[str, Any], weights: Mapping[str, Array], parse: Callable[[Any], Any]
) -> dict[str, Array]:
    """The weights with those that are made; their Placeholders in ``graphdef`` become Consts, in place.

    ``parse`` makes a GraphDef of JSON. Tables are left to :func:`tfjsci.load.tfjs_tables.with_tables`. Raises ``ValueError``
    (``NotRunnable``) for an initializer that TensorFlow can't run.
    """
    if not document.get("modelInitializer"):
        return dict(weights)
    initializer = parse(document["modelInitializer"])
    nodes = {node.name: node for node in initializer.node}
    captured = {name: tensor for name, tensor in captured_tensors(document).items() if not is_table_of(nodes, tensor)}
    wanted = {node.name: node for node in graphdef.node if node.name in captured}
    if not wanted:
        return dict(weights)
    for name in wanted:
        if name in weights:
            raise ValueError(f"{name!r} is a weight, and is made by the initializer, too")
        if captured[name].partition(":")[0] not in nodes:
            raise ValueError(f"nothing makes the captured input {name!r}")
    take_weights(initializer.node, weights)
    graph = graph_with(initializer, [captured[name] for name in wanted], weights).pruned()
    made = dict(zip(wanted, runnable(graph)({}), strict=True))
    for node in wanted.values():
        node.op = "Const"
        node.ClearField("input")
        node.attr.pop("shape", None)
        node.attr["value"].tensor.SetInParent()
    return {**weights, **made}
