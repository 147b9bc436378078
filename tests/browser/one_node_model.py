"""A case's graph as a TensorFlow.js model in memory: topology and weight bytes, written here independently of the converter.

The conformance test asks what the *runtime* does, so it must not depend on our own writer being right.
"""

from __future__ import annotations

import base64
import struct
from typing import Any

from op_cases import OpCase

from tfjsci.dtypes import RUNTIME_DTYPE
from tfjsci.graph.graph import (
    Array,
    AttrValue,
    DType,
    FunctionBody,
    FunctionName,
    Graph,
    Node,
    Scalar,
    ShapeAttr,
    dtype_name,
)

_DT = {
    "float16": "DT_HALF", "float32": "DT_FLOAT", "float64": "DT_DOUBLE", "bfloat16": "DT_BFLOAT16", "int8": "DT_INT8",
    "uint8": "DT_UINT8", "int16": "DT_INT16", "uint16": "DT_UINT16", "int32": "DT_INT32", "uint32": "DT_UINT32",
    "int64": "DT_INT64", "bool": "DT_BOOL", "string": "DT_STRING", "complex64": "DT_COMPLEX64",
    "resource": "DT_RESOURCE", "variant": "DT_VARIANT",
}  # fmt: skip


def model_json(case: OpCase) -> dict[str, Any]:
    """``{name, outputs, topology, initializer, weightSpecs, weights (base64)}``: what ``tf.io.fromMemory`` takes, as JSON."""
    specs, data = [], b""
    for graph in filter(None, (case.graph, case.initializer)):
        for name, constant in graph.constants.items():
            dtype = RUNTIME_DTYPE[dtype_name(constant.value)]
            specs.append({"name": name, "shape": list(constant.value.shape), "dtype": dtype})
            data += _weight_bytes(constant.value)
    return {
        "name": case.name,
        "outputs": list(case.graph.outputs),
        "topology": _topology(case.graph),
        "initializer": _topology(case.initializer) if case.initializer else None,
        "weightSpecs": specs,
        "weights": base64.b64encode(data).decode(),
    }


def _topology(graph: Graph) -> dict[str, Any]:
    functions = [_function(body) for body in graph.functions.values()]
    library = {"function": functions} if functions else {}
    return {"node": [_node(node) for node in graph], "library": library, "versions": {"producer": 1882}}


def _node(node: Node) -> dict[str, Any]:
    attrs = {key: _attr(value) for key, value in node.attrs.items()}
    return {"name": node.name, "op": node.op, "input": list(node.inputs), "attr": attrs}


def _function(body: FunctionBody) -> dict[str, Any]:
    """A FunctionDef: its arguments aren't nodes, and its results are named apart from the nodes that make them."""
    nodes = [_node(node) for node in body.graph if node.name not in body.inputs]
    arguments = [{"name": name, "type": _attr(body.graph[name].attrs["dtype"])["type"]} for name in body.inputs]
    results = [{"name": f"result{i}", "type": "DT_INVALID"} for i in range(len(body.graph.outputs))]
    return {
        "signature": {"name": body.name, "inputArg": arguments, "outputArg": results},
        "nodeDef": nodes,
        "ret": {result["name"]: tensor for result, tensor in zip(results, body.graph.outputs, strict=True)},
    }


def _weight_bytes(value: Array) -> bytes:
    if dtype_name(value) != "string":
        return value.astype(RUNTIME_DTYPE[dtype_name(value)]).tobytes()
    words = [w if isinstance(w, bytes) else str(w).encode() for w in value.ravel().tolist()]
    return b"".join(struct.pack("<I", len(word)) + word for word in words)


def _attr(value: AttrValue) -> dict[str, Any]:
    if not isinstance(value, tuple):
        return _scalar(value)
    lists: dict[str, list[Any]] = {}
    for item in value:
        ((key, encoded),) = _scalar(item).items()
        lists.setdefault(key, []).append(encoded)
    return {"list": lists}


def _scalar(value: Scalar) -> dict[str, Any]:
    match value:
        case bool():
            return {"b": value}
        case int():
            return {"i": str(value)}
        case float():
            return {"f": value}
        case bytes():
            return {"s": base64.b64encode(value).decode()}
        case DType():
            return {"type": _DT[value.name]}
        case FunctionName():
            return {"func": {"name": value.name}}
        case ShapeAttr(None):
            return {"shape": {"unknownRank": True}}
        case ShapeAttr(shape):
            return {"shape": {"dim": [{"size": str(-1 if d is None else d)} for d in shape or ()]}}
    raise TypeError(f"{value!r} can't be an attribute")
