"""Which ops a scale or a shift along the channels can be taken through, what it is behind them, and whether it ends in a kernel.

``f(x * s) = f(x) * s'`` and ``f(x + t) = f(x) + t'``. Constants are flat here: rank 0 for one number, else [channels].
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from tfjsci.graph.graph import Array, Graph, Node, Shape, node_of, normal
from tfjsci.rewrite.affine import ADDITIONS, along_channels, flat, positive
from tfjsci.rewrite.channels import WEIGHTED, data_input, input_channels, not_linear, wide
from tfjsci.rewrite.padding import pads
from tfjsci.rewrite.pattern import ops_in

RECTIFIERS = frozenset({"Relu", "LeakyRelu", "Prelu"})
"""f(x · s) = f(x) · s where s is positive: straight lines that bend at zero."""

SHRINKING = frozenset({"MaxPool", "AvgPool", "MaxPool3D", "AvgPool3D", "Mean", "Max"})
"""What has fewer values behind it, whoever reads them: there the multiplication is cheaper anyway."""

_LARGEST = frozenset({"MaxPool", "MaxPool3D", "Max"})
_REDUCING = frozenset({"Mean", "Max"})
_BETWEEN = frozenset({"AvgPool", "AvgPool3D", "ResizeBilinear", "ResizeNearestNeighbor"})
"""Each value is a mean of others, with weights that make 1 together, channel by channel."""

_RESHAPING = frozenset({"Reshape", "Squeeze", "ExpandDims"})

SCALE_PASSES = RECTIFIERS | _LARGEST | _REDUCING | _BETWEEN | _RESHAPING | {"Pad", "Transpose"}
SHIFT_PASSES = _LARGEST | _REDUCING | _BETWEEN | _RESHAPING | {"Transpose"}

FURTHEST = 8
"""Ops that are looked through for a kernel."""


def scale_behind(graph: Graph, node: Node, scale: Array) -> Array | str:
    """What ``scale`` on the node's first input is behind the node, or why there is no such factor."""
    if node.op in RECTIFIERS | _LARGEST and not positive(scale):
        return "a factor that isn't positive would turn the order of the numbers round"
    if node.op in RECTIFIERS | _BETWEEN:
        return _in_format(node, scale)
    if node.op == "Pad":
        return _past_pad(graph, node, scale)
    return _moved(graph, node, scale)


def shift_behind(graph: Graph, node: Node, shift: Array) -> Array | str:
    """What ``shift`` on the node's first input is behind the node, or why there is no such addend."""
    return _in_format(node, shift) if node.op in _BETWEEN else _moved(graph, node, shift)


def _moved(graph: Graph, node: Node, value: Array) -> Array | str:
    if node.op in _REDUCING:
        return _past_reduction(graph, node, value)
    if node.op == "Transpose":
        order = graph.constant(node.inputs[1])
        stays = (
            order is not None
            and order.value.size > 0
            and int(order.value.reshape(-1)[-1]) in (-1, order.value.size - 1)
        )
        return value if stays or value.ndim == 0 else "the channels are transposed"
    if node.op in _RESHAPING:
        return _past_reshape(graph, node, value)
    return _in_format(node, value)


def _in_format(node: Node, value: Array) -> Array | str:
    first = node.attrs.get("data_format", b"NHWC") in (b"NCHW", b"NCDHW")
    return "the channels aren't last" if first and value.ndim else value


def _past_pad(graph: Graph, node: Node, scale: Array) -> Array | str:
    """Zeros times a factor are zeros."""
    around = graph.constant(node.inputs[1])
    if scale.ndim and (around is None or around.value.shape[-1:] != (2,) or around.value[-1].any()):
        return "the channels are padded"
    return scale


def _past_reduction(graph: Graph, node: Node, value: Array) -> Array | str:
    if value.ndim == 0:
        return value
    axes, shape = graph.constant(node.inputs[1]), _shape(graph, node.inputs[0])
    if axes is None or shape is None:
        return "the axes or the rank aren't known"
    if any(int(axis) % len(shape) == len(shape) - 1 for axis in axes.value.reshape(-1)):
        return "it is the channels that are reduced"
    return value


def _past_reshape(graph: Graph, node: Node, value: Array) -> Array | str:
    """Spread over what was before the channels, where dimensions are put together with them."""
    if value.ndim == 0:
        return value
    before, behind = _shape(graph, node.inputs[0]), _shape(graph, node.name)
    if not before or not behind or before[-1] != value.size or behind[-1] is None:
        return "the shapes aren't known"
    last: list[int] = []
    for size in before[::-1]:
        if size is None or math.prod(last) >= behind[-1]:
            break
        last.append(size)
    if math.prod(last) != behind[-1]:
        return "the channels don't stay together"
    if behind[-1] < value.size:
        return "the channels don't stay last"
    times: Array = np.tile(value, behind[-1] // value.size)
    return times


def _shape(graph: Graph, tensor: str) -> Shape:
    known = graph.type_of(tensor)
    return known.shape if known is not None else None


def only_reader(graph: Graph, name: str) -> Node | None:
    """The one node that reads this one's only output, once, if that is all that is done with it."""
    readers = graph.readers.get(name, ())
    if len(readers) != 1 or name in map(node_of, graph.outputs) or name in readers[0].control:
        return None
    read = [tensor for tensor in readers[0].inputs if node_of(tensor) == name]
    return readers[0] if read == [name] else None


def scale_ends_in_kernel(graph: Graph, name: str, scale: Array) -> bool:
    """Whether a scale on this node's output, and on nothing else, would end in a kernel further down."""
    return _ends(graph, name, scale, past=_scale_past, taken=_takes)


def shift_ends_in_bias(graph: Graph, name: str, shift: Array) -> bool:
    """Whether a shift on this node's output would end in the bias of what multiplies with a kernel further down."""
    return _ends(graph, name, shift, past=_shift_past, taken=_takes_shift)


def _ends(
    graph: Graph,
    name: str,
    value: Array,
    *,
    past: Callable[[Graph, Node, str, Array], Array | None],
    taken: Callable[[Graph, Node, str, Array], bool],
) -> bool:
    """Whether ``value`` comes from one only reader to the next, ``past`` each, to one with a kernel by which it is ``taken``."""
    for _ in range(FURTHEST):
        reader = only_reader(graph, name)
        if reader is None:
            return False
        if reader.op in ops_in(WEIGHTED):
            return taken(graph, reader, name, value)
        behind = past(graph, reader, name, value)
        if behind is None:
            return False
        name, value = reader.name, behind
    return False


def _scale_past(graph: Graph, node: Node, name: str, scale: Array) -> Array | None:
    """What a scale on ``name`` is behind a node that reads it; None where it doesn't get there."""
    if node.op in ops_in(ADDITIONS):
        return scale if _shift_of(graph, node, name) and wide(scale).all() else None
    if node.op not in SCALE_PASSES or node.inputs[0] != name:
        return None
    behind = scale_behind(graph, node, scale)
    return None if isinstance(behind, str) else behind


def _shift_past(graph: Graph, node: Node, name: str, shift: Array) -> Array | None:
    """What a shift on ``name`` is behind a node that reads it; None where it doesn't get there."""
    if node.op == "Mul":
        return shift if any(graph.constant(tensor) is not None for tensor in node.inputs) else None
    if node.op not in SHIFT_PASSES or node.inputs[0] != name:
        return None
    behind = shift_behind(graph, node, shift)
    return None if isinstance(behind, str) else behind


def _takes(graph: Graph, linear: Node, name: str, value: Array) -> bool:
    kernel = graph.constant(linear.inputs[1])
    if kernel is None or normal(linear.inputs[data_input(linear)]) != name or not_linear(linear, kernel.value):
        return False
    return value.ndim == 0 or value.size == input_channels(linear, kernel.value)


def _takes_shift(graph: Graph, linear: Node, name: str, shift: Array) -> bool:
    """Padding puts zeros beside what was shifted, which no bias makes up for."""
    kernel = graph.constant(linear.inputs[1])
    return kernel is not None and _takes(graph, linear, name, shift) and not pads(graph, linear, kernel.value)


def _shift_of(graph: Graph, addition: Node, name: str) -> bool:
    other = [graph.constant(tensor) for tensor in addition.inputs if tensor != name]
    return len(other) == 1 and other[0] is not None and along_channels(other[0].value)


def constant_beside(graph: Graph, node: Node) -> Array | None:
    """The constant that a binary op combines with something else, flat, if it is along the channels."""
    for tensor in node.inputs:
        found = graph.constant(tensor)
        if found is not None and along_channels(found.value):
            return flat(found.value)
    return None


def is_linear(graph: Graph, tensor: str) -> bool:
    """Whether a tensor is what a kernel makes, with or without a constant that is added or multiplied."""
    node = graph[node_of(tensor)]
    if node.op in ops_in(ADDITIONS) | {"Mul"}:
        made_by_kernel = any(graph[node_of(each)].op in ops_in(WEIGHTED) for each in node.inputs)
        return made_by_kernel and any(graph.constant(each) is not None for each in node.inputs)
    return node.op in ops_in(WEIGHTED)
