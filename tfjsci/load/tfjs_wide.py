"""Consts of a TF.js graph model that are int64 for TensorFlow: the runtime knows int32 alone, and its file may say no more.

An op tells which dtype its inputs have; a Const that is int32 in the file, and int64 for all who read it, becomes one.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from tfjsci.graph.graph import Constant, DType, Graph, Node, node_of
from tfjsci.graph.tables import is_table
from tfjsci.graph.tensorflow import tensorflow


def with_wide_consts(graph: Graph) -> Graph:
    """The graph, its functions aside, with such Consts as int64."""
    registry = importlib.import_module("tensorflow.python.framework.op_def_registry")
    narrow = {name for name, constant in graph.constants.items() if constant.value.dtype == np.int32}
    wanted: dict[str, set[str]] = {}
    for node in graph.nodes:
        for tensor, dtype in _read_as(node, registry.get(node.op)):
            if (name := node_of(tensor)) in narrow:
                wanted.setdefault(name, set()).add(dtype)
    wide = {name for name, dtypes in wanted.items() if dtypes == {"int64"} and name not in map(node_of, graph.outputs)}
    if not wide:
        return graph
    constants = {
        name: Constant(value=constant.value.astype(np.int64), sources=constant.sources) if name in wide else constant
        for name, constant in graph.constants.items()
    }
    nodes = tuple(
        replace(node, attrs={**node.attrs, "dtype": DType("int64")}) if node.name in wide else node
        for node in graph.nodes
    )
    return Graph(nodes=nodes, outputs=graph.outputs, constants=constants, functions=graph.functions)


def _read_as(node: Node, definition: Any) -> Iterator[tuple[str, str]]:
    """Each input, and the dtype that the op says it has; those of which it says a list or nothing are left out."""
    if is_table(node):  # which TensorFlow fills from outside
        for tensor, key in zip(node.inputs, ("key_dtype", "value_dtype"), strict=True):
            told = node.attrs.get(key)
            yield tensor, told.name if isinstance(told, DType) else ""
        return
    at = 0
    for argument in definition.input_arg if definition is not None else ():
        if argument.type_list_attr:
            return
        repeats = node.attrs.get(argument.number_attr) if argument.number_attr else 1
        if not isinstance(repeats, int):
            return
        told = node.attrs.get(argument.type_attr) if argument.type_attr else None
        dtype = (
            told.name if isinstance(told, DType) else tensorflow().as_dtype(argument.type).name if argument.type else ""
        )
        for tensor in node.inputs[at : at + repeats]:
            yield tensor, dtype
        at += repeats
