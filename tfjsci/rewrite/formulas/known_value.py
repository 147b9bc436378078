"""What a tensor's value will be in every run: a constant, or reckoned from constants and from sizes that are known beforehand.

Keras' resizing divides a constant by Shape(images)[1]: with an open batch the Shape is no constant, that size is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tfjsci.catalog.node_view import NodeView
from tfjsci.graph.graph import Array, Graph, Node, normal

_ARITHMETIC: dict[str, Callable[..., Any]] = {
    "Add": np.add,
    "AddV2": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "RealDiv": np.divide,
    "FloorDiv": np.floor_divide,
    "Maximum": np.maximum,
    "Minimum": np.minimum,
    "Ceil": np.ceil,
    "Floor": np.floor,
}

_DEEPEST = 30
"""Steps backwards: sums of sizes are short, a network isn't."""

_SLICED_PLAINLY = {"ellipsis_mask": 0, "new_axis_mask": 0}


def known_value(graph: Graph, tensor: str, depth: int = _DEEPEST) -> Array | None:
    """The value, or None where it isn't known. Values are floats or whole numbers of few dimensions, as sizes are."""
    constant = graph.constant(tensor)
    if constant is not None:
        return constant.value
    if depth == 0 or normal(tensor) not in graph:
        return None
    node = graph[normal(tensor)]
    if node.op in ("Shape", "StridedSlice", "GatherV2", "Slice"):
        return _of_sizes(graph, node, depth)
    values = [known_value(graph, name, depth - 1) for name in node.inputs]
    known = [value for value in values if value is not None]
    if not known or len(known) < len(values):
        return None
    if node.op in _ARITHMETIC:
        made: Array = np.asarray(_ARITHMETIC[node.op](*known), dtype=known[0].dtype)
        return made
    view = NodeView(graph, node)
    match node.op:
        case "Cast":
            return known[0].astype(view.dtype_attr("DstT") or "float32")
        case "Pack":
            return np.stack(known, axis=view.number("axis", 0))
        case "ConcatV2":
            return np.concatenate(known[:-1], axis=int(known[-1]))
        case "ExpandDims":
            return np.expand_dims(known[0], int(known[1].reshape(-1)[0]))
        case "Identity":
            return known[0]
        case "Prod":
            numbers: Any = known[0]
            whole: Array = np.prod(numbers, dtype=numbers.dtype, keepdims=view.flag("keep_dims", False))
            return whole
    return None


def _of_sizes(graph: Graph, node: Node, depth: int) -> Array | None:
    """A Shape that is known, or numbers taken out of a vector of which the rest needn't be."""
    if node.op == "Shape":
        known = _sizes(graph, node)
        return None if known is None or None in known else np.array(known, NodeView(graph, node).dtype_attr("out_type"))
    source = graph.by_name.get(normal(node.inputs[0]))
    if source is not None and source.op == "Shape":
        sizes = _sizes(graph, source)
        dtype = NodeView(graph, source).dtype_attr("out_type") or "int32"
    else:
        whole = known_value(graph, node.inputs[0], depth - 1)
        sizes = whole.tolist() if whole is not None and whole.ndim == 1 else None
        dtype = "int32" if whole is None else whole.dtype.name
    arguments = [known_value(graph, name, depth - 1) for name in node.inputs[1:]]
    if sizes is None or any(argument is None for argument in arguments):
        return None
    chosen = _chosen(NodeView(graph, node), sizes, [a for a in arguments if a is not None])
    flat = chosen if isinstance(chosen, list) else [chosen]
    return None if chosen is None or None in flat else np.array(chosen, dtype)


def _sizes(graph: Graph, node: Node) -> list[int | None] | None:
    known = graph.type_of(node.inputs[0])
    return None if known is None or known.shape is None else list(known.shape)


def _chosen(view: NodeView, sizes: list[Any], arguments: list[Array]) -> Any:
    """What GatherV2, Slice or StridedSlice takes out of a vector; None where it isn't that simple."""
    first = arguments[0].reshape(-1)
    if view.op == "GatherV2":
        picked = [sizes[int(i)] for i in first]
        return picked[0] if arguments[0].ndim == 0 else picked if arguments[0].ndim == 1 else None
    if view.op == "Slice":
        begin, count = int(first[0]), int(arguments[1].reshape(-1)[0])
        return sizes[begin:] if count == -1 else sizes[begin : begin + count]
    if first.size != 1 or any(view.number(name, 0) != 0 for name in _SLICED_PLAINLY):
        return None
    begin, end, step = (int(argument.reshape(-1)[0]) for argument in arguments)
    if view.number("shrink_axis_mask", 0):
        return sizes[begin]
    return sizes[None if view.number("begin_mask", 0) else begin : None if view.number("end_mask", 0) else end : step]
