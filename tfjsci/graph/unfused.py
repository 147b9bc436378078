"""Fused ops taken apart into plain ones, so that TensorFlow can run a graph that was made for TensorFlow.js.

A fused op's meaning here is the runtime's: only the attributes that TensorFlow.js reads are used, with its defaults
(tfjs-converter ``op_list/convolution.ts``, ``matrices.ts``, 4.22.0), so an attribute that a rule forgot is missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tfjsci.graph.graph import AttrValue, DType, Graph, GraphError, Node

LINEAR = {
    "_FusedConv2D": "Conv2D",
    "FusedDepthwiseConv2dNative": "DepthwiseConv2dNative",
    "_FusedMatMul": "MatMul",
}
"""The linear op in each fused one."""

_CONVOLUTION = ("strides", "padding", "explicit_paddings", "data_format", "dilations")
_READ = {
    "_FusedConv2D": _CONVOLUTION,
    "FusedDepthwiseConv2dNative": _CONVOLUTION,
    "_FusedMatMul": ("transpose_a", "transpose_b"),
}
ACTIVATIONS = ("Relu", "Relu6", "Elu", "Sigmoid", "LeakyRelu")
"""What the runtime's kernels have beside Prelu, which has an input of its own."""


class FusionError(GraphError):
    """A fused op that has no meaning for the runtime."""


def take_apart(graph: Graph) -> Graph:
    """The same graph with each fused op as a linear op, a BiasAdd and an activation. The types aren't kept.

    Raises ``FusionError`` with the reason when one has no meaning for the runtime.
    """
    nodes: list[Node] = []
    for node in graph.nodes:
        if node.op in LINEAR:
            nodes += _linear(graph, node)
        elif node.op == "Prelu":
            nodes += _prelu(node, node.inputs, _dtype(graph, node))
        else:
            nodes.append(node)
    return replace(graph, nodes=tuple(nodes), types={})


def _linear(graph: Graph, node: Node) -> list[Node]:
    bias_add, *activations = _names(node)
    taken = 2 if activations == ["Prelu"] else 1
    if bias_add != "BiasAdd" or len(activations) > 1:
        raise _meaningless(node, f"its fused_ops are {[bias_add, *activations]}")
    if node.attrs.get("num_args") != taken or len(node.inputs) != 2 + taken:
        raise _meaningless(node, f"it has {len(node.inputs)} inputs and num_args {node.attrs.get('num_args')!r}")
    bias = graph.constant(node.inputs[2])
    if bias is not None and bias.value.ndim != 1:
        raise _meaningless(node, f"its bias has {bias.value.ndim} dimensions")
    dtype = _dtype(graph, node)
    last = f"{node.name}/biased" if activations else node.name
    attrs = {key: node.attrs[key] for key in _READ[node.op] if key in node.attrs}
    parts = [
        Node(name=f"{node.name}/linear", op=LINEAR[node.op], inputs=node.inputs[:2], attrs={"T": dtype, **attrs}),
        Node(
            name=last,
            op="BiasAdd",
            inputs=(f"{node.name}/linear", node.inputs[2]),
            attrs={"T": dtype, "data_format": b"NHWC"},
        ),
    ]
    for activation in activations:
        parts += _activation(node, activation, last, dtype)
    return parts


def _activation(node: Node, name: str, of: str, dtype: DType) -> list[Node]:
    if name == "Prelu":
        return _prelu(node, (of, node.inputs[3]), dtype)
    if name not in ACTIVATIONS:
        raise _meaningless(node, f"there is no fused {name}")
    attrs: dict[str, AttrValue] = {"T": dtype}
    if name == "LeakyRelu":
        if node.op == "FusedDepthwiseConv2dNative":
            raise _meaningless(node, "the depthwise op loses LeakyRelu's alpha")
        attrs["alpha"] = node.attrs.get("leakyrelu_alpha", 0.2)
    return [Node(name=node.name, op=name, inputs=(of,), attrs=attrs)]


def _prelu(node: Node, inputs: Sequence[str], dtype: DType) -> list[Node]:
    """Relu(x) - alpha * Relu(-x): also where x is infinite."""
    x, alpha = inputs
    name = node.name
    typed = {"T": dtype}
    return [
        Node(name=f"{name}/above", op="Relu", inputs=(x,), attrs=typed),
        Node(name=f"{name}/negative", op="Neg", inputs=(x,), attrs=typed),
        Node(name=f"{name}/below", op="Relu", inputs=(f"{name}/negative",), attrs=typed),
        Node(name=f"{name}/scaled", op="Mul", inputs=(f"{name}/below", alpha), attrs=typed),
        Node(name=name, op="Sub", inputs=(f"{name}/above", f"{name}/scaled"), attrs=typed),
    ]


def _names(node: Node) -> list[str]:
    fused = node.attrs.get("fused_ops")
    if not isinstance(fused, tuple) or not fused:
        raise _meaningless(node, "it has no fused_ops")
    return [item.decode() if isinstance(item, bytes) else str(item) for item in fused]


def _dtype(graph: Graph, node: Node) -> DType:
    """That of the weights: the runtime asks no attribute."""
    weights = graph.constant(node.inputs[1])
    own = node.attrs.get("T")
    if weights is not None:
        return DType(weights.value.dtype.name)
    return own if isinstance(own, DType) else DType("float32")


def _meaningless(node: Node, why: str) -> FusionError:
    return FusionError(f"{node.op} {node.name} means nothing to TensorFlow.js: {why}")
