"""What a graph computes, fused ops included: each is taken apart into plain ops, and TensorFlow runs the rest.

A fused op's meaning here is the runtime's: only the attributes that TensorFlow.js reads are used, with its defaults
(tfjs-converter ``op_list/convolution.ts``, ``matrices.ts``, 4.22.0), so an attribute that a rule forgot is missed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tfjsci.graph.graph import Array, Constant, DType, Graph, Node, dtype_name
from tfjsci.rewrite.evaluate import evaluate_in_tensorflow

PLAIN = {
    "_FusedConv2D": "Conv2D",
    "FusedDepthwiseConv2dNative": "DepthwiseConv2dNative",
    "_FusedMatMul": "MatMul",
}
_READ = {
    "_FusedConv2D": ("strides", "padding", "explicit_paddings", "data_format", "dilations"),
    "FusedDepthwiseConv2dNative": ("strides", "padding", "explicit_paddings", "data_format", "dilations"),
    "_FusedMatMul": ("transpose_a", "transpose_b"),
}
ACTIVATIONS = ("Relu", "Relu6", "Elu", "Sigmoid", "LeakyRelu")


def outputs_of(graph: Graph, **inputs: Array) -> list[Array]:
    """The values of the graph's outputs for ``inputs`` by Placeholder name."""
    nodes = [
        Node(name=node.name, op="Const", attrs={"dtype": DType(dtype_name(inputs[node.name]))})
        if node.op == "Placeholder"
        else node
        for node in unfused(graph).nodes
    ]
    fed = {name: Constant(value=np.array(value)) for name, value in inputs.items()}
    run = Graph(nodes=tuple(nodes), outputs=graph.outputs, constants={**graph.constants, **fed})
    return evaluate_in_tensorflow(run, run.outputs)


def unfused(graph: Graph) -> Graph:
    """The same graph with each fused op as a linear op, a BiasAdd and an activation."""
    nodes: list[Node] = []
    for node in graph.nodes:
        nodes += _taken_apart(graph, node) if node.op in PLAIN else [node]
    return replace(graph, nodes=tuple(nodes), types={})


def assert_same_numbers(before: Graph, after: Graph, *, rtol: float = 1e-5, **inputs: Array) -> None:
    """Both graphs give the same outputs, to ``rtol`` of the largest number (float32 has 6e-8 a step)."""
    for wanted, found in zip(outputs_of(before, **inputs), outputs_of(after, **inputs), strict=True):
        assert wanted.shape == found.shape
        assert wanted.dtype == found.dtype
        np.testing.assert_allclose(found, wanted, rtol=0, atol=rtol * (np.abs(wanted).max(initial=0) or 1))


def _taken_apart(graph: Graph, node: Node) -> list[Node]:
    fused = node.attrs["fused_ops"]
    assert isinstance(fused, tuple)
    assert all(isinstance(item, bytes) for item in fused)
    names = [item.decode() for item in fused if isinstance(item, bytes)]
    assert names[0] == "BiasAdd", names
    assert node.attrs["num_args"] == 1
    assert len(node.inputs) == 3
    kernel, bias = (graph.constants[tensor].value for tensor in node.inputs[1:])
    assert bias.ndim == 1, "the runtime's kernels take no other bias"
    dtype: dict[str, Any] = {"T": DType(kernel.dtype.name)}
    attrs = {key: node.attrs[key] for key in _READ[node.op] if key in node.attrs}
    activation = names[1:]
    parts = [
        Node(name=f"{node.name}/linear", op=PLAIN[node.op], inputs=node.inputs[:2], attrs={**dtype, **attrs}),
        Node(
            name=f"{node.name}/biased" if activation else node.name,
            op="BiasAdd",
            inputs=(f"{node.name}/linear", node.inputs[2]),
            attrs={**dtype, "data_format": b"NHWC"},
        ),
    ]
    if activation:
        (op,) = activation
        assert op in ACTIVATIONS, f"the runtime has no fused {op}"
        extra: dict[str, Any] = {}
        if op == "LeakyRelu":
            assert node.op != "FusedDepthwiseConv2dNative", "the depthwise op loses alpha"
            extra = {"alpha": node.attrs.get("leakyrelu_alpha", 0.2)}
        parts.append(Node(name=node.name, op=op, inputs=(f"{node.name}/biased",), attrs={**dtype, **extra}))
    return parts
