"""Small graphs for tests, written down node by node, with the attributes that TensorFlow asks of them.

draft = Draft()
x = draft.input("x", (None, 4, 4, 3))
w = draft.const("w", kernel, sources=("conv/kernel",))
graph = draft.graph(draft.conv("conv", x, w))
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tfjsci.graph.graph import (
    Constant,
    DType,
    FunctionBody,
    Graph,
    Node,
    Shape,
    ShapeAttr,
    TensorType,
    dtype_name,
    node_of,
)


class Draft:
    """Collects nodes. Every method takes a node's name and its inputs, and returns the name."""

    def __init__(self, dtype: str = "float32") -> None:
        self.dtype = dtype
        self.nodes: list[Node] = []
        self.constants: dict[str, Constant] = {}

    def graph(
        self,
        *outputs: str,
        types: Mapping[str, TensorType] | None = None,
        functions: Mapping[str, FunctionBody] | None = None,
    ) -> Graph:
        """The graph of what was collected."""
        return Graph(
            nodes=tuple(self.nodes),
            outputs=outputs,
            constants=self.constants,
            types=types or {},
            functions=functions or {},
        )

    def op(
        self, op: str, name: str, *inputs: str, control: tuple[str, ...] = (), origin: str = "", **attrs: Any
    ) -> str:
        """Any node, with just the attributes given."""
        layers = (origin,) if origin else ()
        self.nodes.append(Node(name=name, op=op, inputs=inputs, control=control, attrs=attrs, origin=layers))
        return name

    def typed(self, op: str, name: str, *inputs: str, **rest: Any) -> str:
        """A node whose attribute T is the draft's dtype."""
        return self.op(op, name, *inputs, T=DType(self.dtype), **rest)

    def input(self, name: str, shape: Shape = None) -> str:
        """A Placeholder of the draft's dtype."""
        return self.op("Placeholder", name, dtype=DType(self.dtype), shape=ShapeAttr(shape))

    def const(self, name: str, value: Any, *, sources: tuple[str, ...] | None = None) -> str:
        """A Const; floating ones take the draft's dtype. It is made of a variable of its own name unless told."""
        array = np.array(value)
        if array.dtype.kind == "f":
            array = array.astype(self.dtype)
        self.constants[name] = Constant(value=array, sources=(name,) if sources is None else sources)
        return self.op("Const", name, dtype=DType(dtype_name(array)))

    def conv(self, name: str, x: str, kernel: str, *, padding: str = "SAME", strides: int = 1, **rest: Any) -> str:
        """A Conv2D in NHWC, unless ``data_format`` says otherwise."""
        return self._convolution("Conv2D", name, x, kernel, padding, strides, rest)

    def depthwise(self, name: str, x: str, kernel: str, *, padding: str = "SAME", strides: int = 1, **rest: Any) -> str:
        """A DepthwiseConv2dNative in NHWC."""
        return self._convolution("DepthwiseConv2dNative", name, x, kernel, padding, strides, rest)

    def matmul(self, name: str, x: str, kernel: str, *, transpose_b: bool = False, **rest: Any) -> str:
        """A MatMul."""
        return self.typed("MatMul", name, x, kernel, **{"transpose_a": False, "transpose_b": transpose_b, **rest})

    def bias_add(self, name: str, x: str, bias: str, *, data_format: bytes = b"NHWC", **rest: Any) -> str:
        """A BiasAdd along the last axis."""
        return self.typed("BiasAdd", name, x, bias, data_format=data_format, **rest)

    def norm(
        self, name: str, x: str, *statistics: str, op: str = "FusedBatchNormV3", training: bool = False, **rest: Any
    ) -> str:
        """A FusedBatchNorm; ``statistics`` are gamma, beta, mean and variance."""
        attrs: dict[str, Any] = {"epsilon": 0.001, "data_format": b"NHWC", "is_training": training, **rest}
        if op != "FusedBatchNorm":
            attrs["U"] = DType("float32")
        return self.typed(op, name, x, *statistics, **attrs)

    def _convolution(
        self, op: str, name: str, x: str, kernel: str, padding: str, strides: int, rest: dict[str, Any]
    ) -> str:
        attrs: dict[str, Any] = {
            "strides": (1, strides, strides, 1),
            "dilations": (1, 1, 1, 1),
            "padding": padding.encode(),
            "data_format": b"NHWC",
            "explicit_paddings": (),
        }
        return self.typed(op, name, x, kernel, **{**attrs, **rest})


def weights(*shape: int, seed: int = 0) -> np.ndarray[Any, Any]:
    """Numbers of a weight's size, none of them zero or special."""
    return np.random.default_rng([seed, *shape]).uniform(0.25, 1.5, shape) * np.where(
        np.indices(shape).sum(0) % 3, 1, -1
    )


def values(graph: Graph) -> dict[str, Any]:
    """The constants as plain lists: what a test compares."""
    return {name: constant.value.tolist() for name, constant in graph.constants.items()}


def well_formed(graph: Graph) -> bool:
    """Whether every tensor that is read is one that its node can have: a Const has one output."""
    return all(
        ":" not in tensor or graph[node_of(tensor)].op not in {"Const", "Placeholder"}
        for node in graph
        for tensor in node.inputs
    )
