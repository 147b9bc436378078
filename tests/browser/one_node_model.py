"""A case's graph as a TensorFlow.js model in memory: topology and weight bytes, written here independently of the converter.

The conformance test asks what the *runtime* does, so it must not depend on our own writer being right.
"""

from __future__ import annotations

import base64
import struct
from typing import Any

from op_cases import OpCase

from tfjsci.dtypes import RUNTIME_DTYPE
from tfjsci.graph.graph import Array, AttrValue, DType, FunctionName, Scalar, ShapeAttr, dtype_name

_DT = {
    "float16": "DT_HALF", "float32": "DT_FLOAT", "float64": "DT_DOUBLE", "bfloat16": "DT_BFLOAT16", "int8": "DT_INT8",
    "uint8": "DT_UINT8", "int16": "DT_INT16", "uint16": "DT_UINT16", "int32": "DT_INT32", "uint32": "DT_UINT32",
    "int64": "DT_INT64", "bool": "DT_BOOL", "string": "DT_STRING", "complex64": "DT_COMPLEX64",
}  # fmt: skip


def model_json(case: OpCase) -> dict[str, Any]:
    """``{topology, weightSpecs, weights (base64)}``: what ``tf.io.fromMemory`` takes, as JSON."""
    nodes, specs, data = [], [], b""
    for node in case.graph:
        if node.op == "Const":
            value = case.graph.constants[node.name].value
            dtype = RUNTIME_DTYPE[dtype_name(value)]
            specs.append({"name": node.name, "shape": list(value.shape), "dtype": dtype})
            data += _weight_bytes(value)
        nodes.append(
            {
                "name": node.name,
                "op": node.op,
                "input": list(node.inputs),
                "attr": {key: _attr(value) for key, value in node.attrs.items()},
            }
        )
    return {
        "name": case.name,
        "op": case.op,
        "outputs": list(case.graph.outputs),
        "topology": {"node": nodes, "library": {}, "versions": {"producer": 1882}},
        "weightSpecs": specs,
        "weights": base64.b64encode(data).decode(),
    }


def _weight_bytes(value: Array) -> bytes:
    if dtype_name(value) != "string":
        return value.tobytes()
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
