"""Channels that a factor can be moved through: from the layer that makes them to all that read them.

Between the two there may only be what is positively homogeneous in each channel, f(s·x) = s·f(x) for s > 0: Relu and its kind,
pooling, a bias (which is scaled along), zeros around an image, a flattened image. Then W1/s, b1/s and s·W2 are the same function.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from tfjsci.graph.graph import Array, Graph, Node, node_of, normal

Axes = tuple[int, ...]

_HOMOGENEOUS = frozenset(
    {"Identity", "Relu", "LeakyRelu", "MaxPool", "AvgPool", "ResizeBilinear", "ResizeNearestNeighbor", "MirrorPad"}
)
_REDUCING = frozenset({"Mean", "Sum", "Max", "Min"})
_RESHAPING = frozenset({"Reshape", "Squeeze", "ExpandDims"})
_PRODUCTS = frozenset({"MatMul", "BatchMatMul", "BatchMatMulV2"})
_CONVOLUTIONS = frozenset({"Conv2D", "DepthwiseConv2dNative"})


@dataclass(frozen=True, kw_only=True)
class Read:
    """A weight that reads the channels along ``axis``: channel c is read at c, c + channels, c + 2·channels …"""

    weight: str
    axis: int


@dataclass(kw_only=True)
class Link:
    """``weight`` makes ``channels`` along ``axes``; ``biases`` are vectors of them, ``capped`` the Relu6 nodes on the way."""

    weight: str
    axes: Axes
    channels: int
    biases: list[str] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    capped: list[str] = field(default_factory=list)


def links_in(graph: Graph, *, through_relu6: bool = False) -> list[Link]:
    """All links of a graph without fused ops, in its order. ``through_relu6``: whoever scales lowers its 6 to 6/s by channel."""
    outputs = frozenset(map(normal, graph.outputs))
    return [link for node in graph.nodes if (link := _link(graph, node, outputs, through_relu6)) is not None]


def _link(graph: Graph, node: Node, outputs: frozenset[str], through_relu6: bool) -> Link | None:
    made = _made(graph, node)
    if made is None:
        return None
    link = made
    todo = [node.name]
    while todo:
        tensor = todo.pop()
        readers = graph.readers.get(tensor, ())
        if tensor in outputs or not readers:
            return None
        for reader in readers:
            if _carries(graph, reader, tensor, link, through_relu6):
                todo.append(reader.name)
            elif not _reads(graph, reader, tensor, link):
                return None
    return link if link.reads else None


def _made(graph: Graph, node: Node) -> Link | None:
    """A layer whose weight nobody else reads, as the beginning of a link."""
    weight = _own_weight(graph, node)
    if weight is None:
        return None
    shape = graph.constants[weight].value.shape
    if node.op == "DepthwiseConv2dNative":
        return Link(weight=weight, axes=(2, 3), channels=shape[2] * shape[3])
    axis = 0 if node.op in _PRODUCTS and _turned(node) else len(shape) - 1
    return Link(weight=weight, axes=(axis,), channels=shape[axis])


def _own_weight(graph: Graph, node: Node) -> str | None:
    if node.op not in _PRODUCTS | _CONVOLUTIONS or node.attrs.get("data_format", b"NHWC") != b"NHWC":
        return None
    if node.attrs.get("transpose_a") or node.attrs.get("adj_x"):
        return None
    weight = node.inputs[1]
    rank = 2 if node.op in _PRODUCTS else 4
    constant = graph.constants.get(weight)
    if constant is None or constant.value.ndim != rank or node.inputs[0] == weight:
        return None
    return weight if _only_reader(graph, weight, node) else None


def _only_reader(graph: Graph, constant: str, node: Node) -> bool:
    in_functions = any(constant in body.graph.constants for body in graph.functions.values())
    return graph.readers[constant] == (node,) and not in_functions and constant not in map(node_of, graph.outputs)


def _turned(node: Node) -> bool:
    return bool(node.attrs.get("transpose_b") or node.attrs.get("adj_y"))


def _carries(graph: Graph, node: Node, tensor: str, link: Link, through_relu6: bool) -> bool:
    """Whether ``node`` hands the channels on; what has to be scaled along is noted in ``link``."""
    places = [place for place, each in enumerate(node.inputs) if each == tensor]
    if len(places) != 1:
        return False
    if node.op in {"BiasAdd", "Add", "AddV2"}:
        bias = node.inputs[1 - places[0]]
        constant = graph.constants.get(bias)
        if constant is None or constant.value.shape[-1:] != (link.channels,) or constant.value.size != link.channels:
            return False
        if not _only_reader(graph, bias, node) or node.attrs.get("data_format", b"NHWC") != b"NHWC":
            return False
        link.biases.append(bias)
        return True
    if places != [0]:
        return False
    if node.op == "Relu6" and through_relu6:
        link.capped.append(node.name)
        return True
    if node.op in _HOMOGENEOUS:
        return node.attrs.get("data_format", b"NHWC") == b"NHWC"
    if node.op in _REDUCING:
        return _keeps_last(graph, node)
    if node.op in {"Pad", "PadV2"}:
        return _pads_with_zeros(graph, node)
    if node.op in _RESHAPING:
        last = _last(graph, node.name)
        return last is not None and last % link.channels == 0
    return False


def _reads(graph: Graph, node: Node, tensor: str, link: Link) -> bool:
    """Whether ``node`` multiplies the channels with a weight of its own, which is noted in ``link``."""
    weight = _own_weight(graph, node)
    if weight is None or node.inputs[0] != tensor or tensor in node.inputs[1:]:
        return False
    shape = graph.constants[weight].value.shape
    axis = (1 if _turned(node) else 0) if node.op in _PRODUCTS else 2
    if shape[axis] != _last(graph, tensor) or shape[axis] % link.channels:  # a convolution of groups reads fewer
        return False
    link.reads.append(Read(weight=weight, axis=axis))
    return True


def _last(graph: Graph, tensor: str) -> int | None:
    known = graph.type_of(tensor)
    return known.shape[-1] if known is not None and known.shape else None


def _keeps_last(graph: Graph, node: Node) -> bool:
    axes, known = graph.constant(node.inputs[1]), graph.type_of(node.inputs[0])
    if axes is None or known is None or known.shape is None:
        return False
    return (len(known.shape) - 1) not in {int(axis) % len(known.shape) for axis in _whole(axes.value)}


def _pads_with_zeros(graph: Graph, node: Node) -> bool:
    paddings = graph.constant(node.inputs[1])
    value = graph.constant(node.inputs[2]) if len(node.inputs) > 2 else None
    zero = len(node.inputs) == 2 or (value is not None and not np.any(value.value))
    return paddings is not None and zero and not np.any(paddings.value[-1])


def _whole(value: Array) -> Iterator[int]:
    return iter(value.reshape(-1).tolist())
