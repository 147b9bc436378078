"""g · (x − m) + y  ->  FusedBatchNormV3(x, g, y, m, 1), and g · ((x − c) · k)  ->  FusedBatchNormV3(x, g, 0, c, 1 / k²)

where g is a gate, what a Sigmoid makes. The runtime's kernel for batch norms takes tensors of x's own shape for its statistics:
one kernel where there are two or three, which add, subtract and multiply. So a recurrent cell moves its state on, f · c + i · g
and b + z · (a − b). A GPU starts fewer kernels; on wasm they take no time to start. TensorFlow wants vectors for statistics:
for it they are taken apart, as fused ops are (``graph/unfused.py``).
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import AttrValue, Constant, DType, Graph, node_of
from tfjsci.rewrite.pattern import Match, Pattern, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, Source
from tfjsci.rewrite.symbolic.sizes import sizes_of

_RANKS = (2, 3, 4)
"""Dimensions that the runtime hands to its kernel as it is."""

_PARTS = {"Split": 1, "Slice": 0, "Identity": 0}
"""What gives numbers of the tensor that it reads at this place."""

_FUSED_SIGMOID = (b"BiasAdd", b"Sigmoid")


def rewrite(match: Match) -> Replacement | Declined:
    """The kernel of a batch norm, with the gate for its scale."""
    graph, tensors = match.graph, dict(match.tensors)
    if "other" in tensors:  # either may be the gate
        first, second = tensors.pop("g"), tensors.pop("other")
        tensors |= {"g": second, "x": first} if _is_gate(graph, second) else {"g": first, "x": second}
    if match.root.attrs.get("T") != DType("float32"):
        return Declined(reason="it isn't float32")
    if not _is_gate(graph, tensors["g"]):
        return Declined(reason="the factor isn't what a Sigmoid makes", moot=True)
    names = [name for name in ("x", "g", "y", "m") if name in tensors]
    shapes = {sizes_of(graph).shape(tensors[name]) for name in names}
    shape = shapes.pop()
    if shapes or shape is None or len(shape) not in _RANKS:
        return Declined(reason="they aren't known to be of one shape of two to four dimensions")
    if any(graph.constant(tensors[name]) is not None for name in names):
        return Declined(reason="one of them is a constant")
    rank, factor = len(shape), 1.0
    mean: Source = tensors["m"] if "m" in tensors else _number(0, rank)
    if "k" in tensors:
        numbers = [match.value(name).value for name in "kc"]
        if any(number.size != 1 for number in numbers) or not numbers[0].item() > 0:
            return Declined(reason="what is multiplied with, or subtracted, isn't one number, or isn't positive")
        less = match.nodes["shifted"].op == "Sub"
        factor, mean = numbers[0].item(), _number(numbers[1].item() if less else -numbers[1].item(), rank)
    added: Source = tensors["y"] if "y" in tensors else _number(0, rank)
    attrs: dict[str, AttrValue] = {
        "T": DType("float32"),
        "U": DType("float32"),
        "data_format": b"NHWC",
        "epsilon": 0.0,
        "is_training": False,
    }
    inputs = (tensors["x"], tensors["g"], added, mean, _number(factor**-2, rank))
    return Replacement(root=NewNode(name=match.root.name, op="FusedBatchNormV3", inputs=inputs, attrs=attrs))


def _number(value: float, rank: int) -> NewConst:
    """Of as many dimensions as the tensors: the runtime asks for that."""
    return NewConst(name="", constant=Constant(value=np.full((1,) * rank, value, np.float32)))


def _is_gate(graph: Graph, tensor: str) -> bool:
    made = graph[node_of(tensor)]
    while made.op in _PARTS:
        made = graph[node_of(made.inputs[_PARTS[made.op]])]
    return made.op == "Sigmoid" or (made.op == "_FusedMatMul" and made.attrs.get("fused_ops") == _FUSED_SIGMOID)


def _product(of: Pattern) -> Pattern:
    return op("Mul", any_tensor("g"), of, name="product", either_order=True)


_SUM = "AddV2|Add"

RULES = (
    Rule(
        name="gated_sum_of_difference",
        equation="g · (x - m) + y -> FusedBatchNormV3(x, g, y, m, 1)",
        pattern=op(
            _SUM,
            _product(op("Sub", any_tensor("x"), any_tensor("m"), name="difference")),
            any_tensor("y"),
            name="sum",
            either_order=True,
        ),
        rewrite=rewrite,
        where="g is a Sigmoid's, all are of one shape, and no wasm is wanted",
    ),
    Rule(
        name="gated_sum",
        equation="g · x + y -> FusedBatchNormV3(x, g, y, 0, 1)",
        pattern=op(
            _SUM,
            op("Mul", any_tensor("g"), any_tensor("other"), name="product"),
            any_tensor("y"),
            name="sum",
            either_order=True,
        ),
        rewrite=rewrite,
        where="g is a Sigmoid's, all are of one shape, and no wasm is wanted",
    ),
    Rule(
        name="gated_affine",
        equation="g · ((x - c) · k) -> FusedBatchNormV3(x, g, 0, c, 1 / k²)",
        pattern=op(
            "Mul",
            any_tensor("g"),
            op(
                "Mul", op("Sub|AddV2|Add", any_tensor("x"), constant("c"), name="shifted"), constant("k"), name="scaled"
            ),
            name="product",
            either_order=True,
        ),
        rewrite=rewrite,
        where="g is a Sigmoid's, c and k are single numbers, k is positive, and no wasm is wanted",
    ),
)
