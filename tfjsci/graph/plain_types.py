"""What TensorFlow infers of the ops that nets are made of, reckoned here: to ask TensorFlow takes a hundred times as long.

``plain_shapes/`` has the shapes, op by op; the dtypes are here. TensorFlow is asked of any op that isn't there, and of whatever
is odd (sizes that don't fit, a dtype that isn't the attribute's), so that it says what is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence

from tfjsci.graph.graph import Array, DType, Graph, Node, ShapeAttr, TensorType, dtype_name
from tfjsci.graph.plain_shapes import SHAPES
from tfjsci.graph.plain_shapes.asked import Asked
from tfjsci.graph.plain_shapes.dims import Dims
from tfjsci.graph.plain_shapes.elementwise import BROADCASTING, COMPARING
from tfjsci.graph.plain_values import TypeOf

_SAME_DTYPES = BROADCASTING | {
    "AddN", "BatchMatMulV2", "BiasAdd", "Conv2D", "DepthwiseConv2dNative", "Einsum", "MatMul", "Pack",
}  # fmt: skip
"""All whose inputs have one dtype."""

_DTYPE_READ = {"Cast": "SrcT", "GatherV2": "Tparams"}
"""The attribute that names the dtype of the first input, where it isn't ``T``."""

_DTYPE_MADE = {"Cast": "DstT", "Shape": "out_type"}
"""The attribute that names the dtype of the result, where it isn't the first input's."""


def plain_types(graph: Graph, node: Node, type_of: TypeOf) -> list[TensorType] | None:
    """What TensorFlow would infer of each output of the node; None where it must be asked.

    ``type_of`` tells what is inferred of the inputs.
    """
    if node.op == "Const":
        value: Array = graph.constants[node.name].value
        return [TensorType(dtype=dtype_name(value), shape=value.shape)]
    if node.op == "Placeholder":
        return _placeholder(node)
    shape_of = SHAPES.get(node.op)
    if shape_of is None or node.control:
        return None
    inputs = [type_of(tensor) for tensor in node.inputs]
    known = [each for each in inputs if each is not None]
    dims = [each.shape for each in known if each.shape is not None]
    if not dims or len(dims) < len(inputs):
        return None
    read = node.attrs.get(_DTYPE_READ.get(node.op, "T"))
    if not isinstance(read, DType) or read.name != known[0].dtype:
        return None
    shape = shape_of(Asked(graph, node, dims, type_of))
    alike = known if node.op in _SAME_DTYPES else known[:-1] if node.op == "ConcatV2" else known[:1]
    if shape is None or any(each.dtype != known[0].dtype for each in alike):
        return None
    made = node.attrs.get(_DTYPE_MADE[node.op]) if node.op in _DTYPE_MADE else None
    dtype = made.name if isinstance(made, DType) else "bool" if node.op in COMPARING else known[0].dtype
    if node.op == "FusedBatchNormV3":
        return _of_norm(known, shape)
    return [TensorType(dtype=dtype, shape=shape)]


def all_plain(graph: Graph) -> dict[str, TensorType] | None:
    """What TensorFlow would infer of every tensor; None where it must be asked about a node."""
    types: dict[str, TensorType] = {}
    for node in graph.nodes:
        told = plain_types(graph, node, types.get)
        if told is None:
            return None
        types.update(named(node, told))
    return types


def named(node: Node, told: Sequence[TensorType]) -> dict[str, TensorType]:
    """The types by the tensors' names."""
    return {f"{node.name}:{i}" if i else node.name: known for i, known in enumerate(told)}


def _placeholder(node: Node) -> list[TensorType] | None:
    dtype, shape = node.attrs.get("dtype"), node.attrs.get("shape")
    if not isinstance(dtype, DType) or not isinstance(shape, ShapeAttr):
        return None
    return [TensorType(dtype=dtype.name, shape=shape.shape)]


def _of_norm(known: Sequence[TensorType], shape: Dims) -> list[TensorType] | None:
    statistics = known[1].dtype
    if any(each.dtype != statistics for each in known[1:]) or known[0].dtype != statistics:
        return None
    vector = TensorType(dtype=statistics, shape=shape[3:])
    return [TensorType(dtype=known[0].dtype, shape=shape), *[vector] * 4, TensorType(dtype=statistics, shape=None)]
