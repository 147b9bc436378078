"""What reads a weight, and what it is multiplied with there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tfjsci.calibrate.layout import Layout
from tfjsci.calibrate.patches import Windows, pair_of, patches
from tfjsci.graph.graph import Array, Graph, Node, normal

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One product of a weight with the tensor ``activation``; ``windows`` where it is a convolution.

    ``transposed``: the activation's columns, not its rows, are what the weight is multiplied with. ``loop``: the node of the
    loop in whose body all that is.
    """

    activation: str
    layout: Layout
    windows: Windows | None = None
    transposed: bool = False
    loop: str | None = None

    def rows(self, activation: Array) -> Iterator[Floats]:
        """What the weight's rows (:func:`rows_of`) are multiplied with, in blocks: float32 [blocks, positions, K]."""
        values = np.asarray(activation, dtype=np.float32)
        if self.windows is None:
            yield (values.T if self.transposed else values.reshape(-1, values.shape[-1]))[np.newaxis]
            return
        for block in patches(values, self.windows):
            if self.layout == "depthwise":
                yield block.transpose(2, 0, 1)
            else:
                yield block.reshape(1, len(block), -1)


def readings_of(graph: Graph, name: str) -> tuple[Reading, ...] | str:
    """Every product that the weight ``name`` is in, or why it isn't only in such products. ``graph`` has no fused ops.

    All have one layout. A weight that a function's body reads isn't seen there: its activations aren't tensors of the graph.
    """
    if any(name in body.graph.constants for body in graph.functions.values()):
        return "it is read in a loop or branch"
    if name in map(normal, graph.outputs):
        return "it is an output"
    found: list[Reading] = []
    for node in graph.readers.get(name, ()):
        reading = _reading(graph, node, name)
        if isinstance(reading, str):
            return reading
        found.append(reading)
    if not found:
        return "nothing reads it"
    if len({each.layout for each in found}) > 1:
        return "it is read in several layouts"
    return tuple(found)


def _reading(graph: Graph, node: Node, name: str) -> Reading | str:
    weight = graph.constants[name].value
    if len(node.inputs) != 2 or node.inputs[1] != name or node.inputs[0] == name:
        return f"{node.op} reads it"
    activation = node.inputs[0]
    if node.op in {"MatMul", "BatchMatMul", "BatchMatMulV2"} and weight.ndim == 2:
        across = bool(node.attrs.get("transpose_b") or node.attrs.get("adj_y"))
        transposed = bool(node.attrs.get("transpose_a") or node.attrs.get("adj_x"))
        if transposed and node.op != "MatMul":
            return f"{node.op} reads it with a transposed batch"
        return Reading(activation=activation, layout="out-in" if across else "in-out", transposed=transposed)
    if node.op in {"Conv2D", "DepthwiseConv2dNative"} and weight.ndim == 4:
        return _convolution(graph, node, weight, activation)
    return f"{node.op} reads it"


def _convolution(graph: Graph, node: Node, weight: Array, activation: str) -> Reading | str:
    if node.attrs.get("data_format", b"NHWC") != b"NHWC":
        return "its channels aren't last"
    known = graph.type_of(activation)
    channels = known.shape[3] if known and known.shape is not None and len(known.shape) == 4 else None
    if channels is not None and channels != weight.shape[2]:
        return "it is a convolution of groups"
    padding = node.attrs.get("padding")
    if padding == b"EXPLICIT":
        numbers = _numbers(node, "explicit_paddings")
        added = ((numbers[2], numbers[3]), (numbers[4], numbers[5]))
    windows = Windows(
        size=(weight.shape[0], weight.shape[1]),
        strides=pair_of(_numbers(node, "strides", (1, 1, 1, 1))),
        dilations=pair_of(_numbers(node, "dilations", (1, 1, 1, 1))),
        padding=added if padding == b"EXPLICIT" else "SAME" if padding == b"SAME" else "VALID",
    )
    layout: Layout = "depthwise" if node.op == "DepthwiseConv2dNative" else "convolution"
    return Reading(activation=activation, layout=layout, windows=windows)


def _numbers(node: Node, attribute: str, otherwise: tuple[int, ...] = ()) -> tuple[int, ...]:
    value = node.attrs.get(attribute, otherwise)
    assert isinstance(value, tuple)
    return tuple(int(each) for each in value or otherwise if isinstance(each, (int, float)))
