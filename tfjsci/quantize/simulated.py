"""The graph as the browser will have it: weights replaced by what their codes stand for. TensorFlow then computes the variant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from tfjsci.graph.graph import Array, Constant, FunctionBody, Graph
from tfjsci.quantize.weight import Float16Weight, PreparedWeight, QuantizedWeight


def with_values(graph: Graph, values: Mapping[str, PreparedWeight | Array]) -> Graph:
    """The same graph with other values for the weights of these names, in its functions, too.

    A value is cast to the dtype that the weight has in the graph. Raises ``KeyError`` for a name that is no weight's, and
    ``ValueError`` for another shape.
    """
    if unknown := [name for name in values if name not in graph.all_constants]:
        raise KeyError(f"no weight is named {unknown[0]!r}")
    made = {name: _constant(graph.all_constants[name], name, value) for name, value in values.items()}
    return _replaced(graph, made) if made else graph


def _constant(constant: Constant, name: str, value: PreparedWeight | Array) -> Constant:
    values = value.values() if isinstance(value, (QuantizedWeight, Float16Weight)) else np.array(value)
    if values.shape != constant.value.shape:
        raise ValueError(f"{name} has the shape {constant.value.shape}, not {values.shape}")
    return Constant(value=values.astype(constant.value.dtype, copy=False), sources=constant.sources)


def _replaced(graph: Graph, made: Mapping[str, Constant]) -> Graph:
    functions = {
        name: FunctionBody(name=body.name, inputs=body.inputs, graph=_replaced(body.graph, made))
        for name, body in graph.functions.items()
    }
    constants = {name: made.get(name, constant) for name, constant in graph.constants.items()}
    return replace(graph, constants=constants, functions=functions)
