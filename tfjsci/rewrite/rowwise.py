"""Ops that treat each row alike: element by element, or along the last dimension.

Whether the rows stand in one matrix or in many, and which of them are there, is nothing to them.
"""

from __future__ import annotations

from tfjsci.graph.graph import DType, Graph, Node

UNARY = frozenset(
    {
        "Abs", "Elu", "Erf", "Exp", "LeakyRelu", "Log", "Neg", "Reciprocal", "Relu", "Relu6", "Rsqrt", "Selu", "Sigmoid",
        "Softplus", "Sqrt", "Square", "Tanh",
    }
)  # fmt: skip
SPREAD = frozenset(
    {
        "Add",
        "AddN",
        "AddV2",
        "BiasAdd",
        "Div",
        "Maximum",
        "Minimum",
        "Mul",
        "Pow",
        "RealDiv",
        "SquaredDifference",
        "Sub",
    }
)
"""Of several operands, which are spread over one another."""

ALONG = frozenset({"LogSoftmax", "Softmax"})
REDUCING = frozenset({"Max", "Mean", "Min", "Sum"})
"""Where they reduce the last dimension and keep it: see :func:`treats_rows_alike`."""

ROWWISE = UNARY | SPREAD | ALONG | REDUCING
FLOATS = (DType("float16"), DType("float32"), DType("float64"))


def operands(node: Node) -> tuple[str, ...]:
    """The inputs that are rows, or are spread over them: all but a reduction's axes."""
    return node.inputs[:1] if node.op in REDUCING else node.inputs


def treats_rows_alike(graph: Graph, node: Node, rank: int) -> bool:
    """Whether the node, whose result has ``rank`` dimensions, is such an op on floats. What its operands are isn't looked at."""
    if node.op not in ROWWISE or node.control or node.attrs.get("T") not in FLOATS:
        return False
    if node.op not in REDUCING:
        return node.op != "BiasAdd" or node.attrs.get("data_format", b"NHWC") == b"NHWC"
    axes = graph.constant(node.inputs[1])
    if axes is None or not node.attrs.get("keep_dims"):
        return False
    return [int(n) % rank for n in axes.value.reshape(-1)] == [rank - 1]
