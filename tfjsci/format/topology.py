"""A graph as the JSON that the TensorFlow.js runtime reads: protobuf's JSON mapping of a GraphDef, weights left out.

Source: tfjs-converter's ``data/compiled_api`` types and ``operation_mapper`` (4.22.0): attributes are
``{"s": base64}``, ``{"i": "decimal"}``, ``{"f": number}``, ``{"b": bool}``, ``{"type": "DT_FLOAT"}``,
``{"shape": {"dim": [{"size": "-1"}]}}``, ``{"list": {...}}``, ``{"func": {"name": ...}}``.
"""

from __future__ import annotations

import base64
import math
from typing import Any

from tfjsci.graph.graph import (
    AttrValue,
    DType,
    FunctionBody,
    FunctionName,
    Graph,
    Node,
    Scalar,
    Shape,
    ShapeAttr,
    dtype_name,
    indexed,
)

PRODUCER = 1395
"""``versions.producer``: the runtime only asks that it be there."""

DATA_TYPES = {
    "float16": "DT_HALF",
    "float32": "DT_FLOAT",
    "float64": "DT_DOUBLE",
    "bfloat16": "DT_BFLOAT16",
    "int8": "DT_INT8",
    "int16": "DT_INT16",
    "int32": "DT_INT32",
    "int64": "DT_INT64",
    "uint8": "DT_UINT8",
    "uint16": "DT_UINT16",
    "uint32": "DT_UINT32",
    "uint64": "DT_UINT64",
    "bool": "DT_BOOL",
    "string": "DT_STRING",
    "complex64": "DT_COMPLEX64",
    "complex128": "DT_COMPLEX128",
    "resource": "DT_RESOURCE",
    "variant": "DT_VARIANT",
    "qint8": "DT_QINT8",
    "quint8": "DT_QUINT8",
    "qint16": "DT_QINT16",
    "quint16": "DT_QUINT16",
    "qint32": "DT_QINT32",
}
"""numpy-style names -> TensorFlow's enum names (tensorflow/core/framework/types.proto)."""


def topology(graph: Graph) -> dict[str, Any]:
    """``modelTopology``: nodes in order; a Const has its dtype and shape, and no data."""
    functions = [_function(body) for body in graph.functions.values()]
    return {
        "node": [_node(graph, node) for node in graph.nodes],
        "library": {"function": functions} if functions else {},
        "versions": {"producer": PRODUCER},
    }


def _function(body: FunctionBody) -> dict[str, Any]:
    """A function; its tensors are named as in a graph, ``node:1``, which the runtime reads as well as ``node:output:1``.

    The runtime asks no dtype of a result.
    """
    results = {f"result_{i}": indexed(tensor) for i, tensor in enumerate(body.graph.outputs)}
    return {
        "signature": {
            "name": body.name,
            "inputArg": [{"name": name, "type": _data_type(body.graph, name)} for name in body.inputs],
            "outputArg": [{"name": name, "type": _data_type(body.graph, tensor)} for name, tensor in results.items()],
        },
        "nodeDef": [_node(body.graph, node) for node in body.graph.nodes if node.name not in body.inputs],
        "ret": results,
    }


def _data_type(graph: Graph, tensor: str) -> str:
    known = graph.type_of(tensor)
    return DATA_TYPES[known.dtype] if known is not None else "DT_INVALID"


def shape_json(shape: Shape) -> dict[str, Any]:
    """A shape; a size is always written out (protobuf would omit 0, which the runtime reads as NaN)."""
    if shape is None:
        return {"unknownRank": True}
    return {"dim": [{"size": str(-1 if size is None else size)} for size in shape]}


def _node(graph: Graph, node: Node) -> dict[str, Any]:
    out: dict[str, Any] = {"name": node.name, "op": node.op}
    if node.inputs:
        out["input"] = list(node.inputs)
    if node.op == "Const":
        value = graph.constants[node.name].value
        dtype = DATA_TYPES[dtype_name(value)]
        tensor = {"dtype": dtype, "tensorShape": shape_json(value.shape)}
        out["attr"] = {"dtype": {"type": dtype}, "value": {"tensor": tensor}}
    elif node.attrs:
        out["attr"] = {key: _attr(value) for key, value in sorted(node.attrs.items())}
    return out


def _attr(value: AttrValue) -> dict[str, Any]:
    if isinstance(value, tuple):
        key = _KEYS[type(value[0])] if value else None
        return {"list": {key: [_scalar(item) for item in value]} if key else {}}
    return {_KEYS[type(value)]: _scalar(value)}


_KEYS: dict[type, str] = {
    bool: "b", int: "i", float: "f", bytes: "s", DType: "type", ShapeAttr: "shape", FunctionName: "func",
}  # fmt: skip


def _scalar(value: Scalar) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, DType):
        return DATA_TYPES[value.name]
    if isinstance(value, ShapeAttr):
        return shape_json(value.shape)
    return {"name": value.name}
