"""Fused ops taken apart into plain ones, so that TensorFlow can run a graph that was made for TensorFlow.js.

A fused op's meaning here is the runtime's: only the attributes that TensorFlow.js reads are used, with its defaults
(tfjs-converter ``op_list/convolution.ts``, ``matrices.ts``, 4.22.0), so an attribute that a rule forgot is missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tfjsci.graph.graph import Array, AttrValue, Constant, DType, Graph, GraphError, Node

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
NORMS = frozenset({"FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"})
"""The runtime takes any statistics that can be spread to what they are of."""

_MATRIX = 2
"""Dimensions. The runtime multiplies batches of matrices with the same fused op, and adds what can be spread to the product."""

ACTIVATIONS = ("Relu", "Relu6", "Elu", "Sigmoid", "LeakyRelu")
"""What the runtime's kernels have beside Prelu, which has an input of its own."""


class FusionError(GraphError):
    """A fused op that has no meaning for the runtime."""


def take_apart(graph: Graph) -> Graph:
    """The same graph with each fused op as a linear op, a BiasAdd (or a sum) and an activation. The types aren't kept.

    Raises ``FusionError`` with the reason when one has no meaning for the runtime.
    """
    nodes: list[Node] = []
    constants = dict(graph.constants)
    for node in graph.nodes:
        if node.op in LINEAR:
            nodes += _linear(graph, node)
        elif node.op in NORMS and (variance := _variance(graph, node)) is not None:
            nodes += _norm(node, variance, constants)
        elif node.op == "Prelu":
            nodes += _prelu(node, node.inputs, _dtype(graph, node))
        else:
            nodes.append(node)
    return replace(graph, nodes=tuple(nodes), constants=constants, types={})


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
    linear, last = f"{node.name}/linear", f"{node.name}/biased" if activations else node.name
    parts = [
        _product(graph, node, linear, dtype),
        Node(name=last, op="BiasAdd", inputs=(linear, node.inputs[2]), attrs={"T": dtype, "data_format": b"NHWC"})
        if node.op != "_FusedMatMul" or rank_of(graph, node.inputs[2]) == 1
        else Node(name=last, op="AddV2", inputs=(linear, node.inputs[2]), attrs={"T": dtype}),
    ]
    for activation in activations:
        parts += _activation(node, activation, last, dtype)
    return parts


def _product(graph: Graph, node: Node, name: str, dtype: DType) -> Node:
    """The linear op. A product of which it isn't known that it is of matrices may be one of batches of them."""
    attrs = {key: node.attrs[key] for key in _READ[node.op] if key in node.attrs}
    if node.op != "_FusedMatMul" or rank_of(graph, node.inputs[1]) == _MATRIX:
        return Node(name=name, op=LINEAR[node.op], inputs=node.inputs[:2], attrs={"T": dtype, **attrs})
    turned = {flag: bool(attrs.get(was, False)) for flag, was in (("adj_x", "transpose_a"), ("adj_y", "transpose_b"))}
    return Node(name=name, op="BatchMatMulV2", inputs=node.inputs[:2], attrs={"T": dtype, **turned})


def rank_of(graph: Graph, tensor: str) -> int | None:
    """How many dimensions the tensor has, as far as is known."""
    constant, known = graph.constant(tensor), graph.type_of(tensor)
    if constant is not None:
        return constant.value.ndim
    return None if known is None or known.shape is None else len(known.shape)


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


def _variance(graph: Graph, node: Node) -> Array | None:
    """That of a batch norm whose statistics aren't vectors, which TensorFlow wants; None of others."""
    variance = graph.constant(node.inputs[4])
    return None if variance is None or variance.value.ndim == 1 else variance.value


def _norm(node: Node, variance: Array, constants: dict[str, Constant]) -> list[Node]:
    """(x - mean) · scale / sqrt(variance + epsilon) + offset, each spread to x."""
    x, scale, offset, mean = node.inputs[:4]
    name, epsilon = node.name, node.attrs.get("epsilon", 0.001)
    assert isinstance(epsilon, float | int)
    root = np.sqrt(variance.astype(np.float64) + epsilon).astype(variance.dtype)
    constants[f"{name}/root"] = Constant(value=root)
    typed = {"T": DType(root.dtype.name)}
    return [
        Node(name=f"{name}/root", op="Const", inputs=(), attrs={"dtype": typed["T"]}),
        Node(name=f"{name}/centred", op="Sub", inputs=(x, mean), attrs=typed),
        Node(name=f"{name}/scaled", op="Mul", inputs=(f"{name}/centred", scale), attrs=typed),
        Node(name=f"{name}/even", op="RealDiv", inputs=(f"{name}/scaled", f"{name}/root"), attrs=typed),
        Node(name=name, op="AddV2", inputs=(f"{name}/even", offset), attrs=typed),
    ]


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
