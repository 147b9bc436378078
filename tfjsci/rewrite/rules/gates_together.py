"""Sigmoid(Split(h w + y)[i]), Tanh(Split(h w + y)[j]), …  ->  s = Split(Sigmoid(h (w · c) + y · c)); s[i], 2 (s[j] − ½), …

with 2 for c where a Tanh follows, and 1 elsewhere: tanh(a) = 2 sigmoid(2 a) − 1. It is how an LSTM's gates are computed, once the
layer's loop is unrolled: y is a part of one tensor of all steps, which is multiplied with c once, as w is, in each inference; the
weights stay as they were stored. The product then takes the sum and the Sigmoid in, and on webgl a Tanh is a kernel of another
layout, to and from which tensors are copied. A fused product of wasm adds nothing but a vector, so it is done for GPUs alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tfjsci.graph.graph import Constant, DType, Graph, Node, index_of, node_of
from tfjsci.rewrite.of_weights import is_of_weights
from tfjsci.rewrite.passing import only_reader
from tfjsci.rewrite.pattern import Match, any_tensor, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, NewOutput, Replacement, Rule, Source, kept
from tfjsci.rewrite.symbolic.sizes import sizes_of

_PRODUCTS = frozenset({"MatMul", "BatchMatMulV2"})
_SUMS = frozenset({"AddV2", "Add"})
_GATES = frozenset({"Sigmoid", "Tanh"})


@dataclass(frozen=True, kw_only=True)
class _Gates:
    """What is computed of ``split``: the sum of ``product`` and a part of what ``unpack`` takes apart, whose number is ``step``.

    ``ops`` are what is done to the parts, in order; each of them has so many ``columns``.
    """

    split: Node
    total: Node
    product: Node
    unpack: Node
    step: int
    ops: tuple[str, ...]
    columns: int


def rewrite(match: Match) -> Replacement | Declined:
    """A part of the Sigmoid of all. The wholes of all parts are the same, and become one."""
    graph, root = match.graph, match.root
    gates = _gates(graph, match.tensors["part"])
    if isinstance(gates, Declined):
        return gates
    dtype = {"T": root.attrs["T"]}
    scale = NewConst(name="", constant=Constant(value=_scale(gates)))

    def scaled(tensor: str) -> NewNode:
        return NewNode(name="", op="Mul", inputs=(tensor, scale), attrs=dtype)

    product = NewNode(
        name="",
        op=gates.product.op,
        inputs=(gates.product.inputs[0], scaled(gates.product.inputs[1])),
        attrs=kept(gates.product),
    )
    steps = NewNode(name="", op="Unpack", inputs=(scaled(gates.unpack.inputs[0]),), attrs=kept(gates.unpack))
    added: Source = NewOutput(node=steps, index=gates.step) if gates.step else steps
    total = NewNode(name="", op="AddV2", inputs=(product, added), attrs=dtype)
    whole = NewNode(name="", op="Sigmoid", inputs=(total,), attrs=dtype)
    parts = NewNode(name="", op="Split", inputs=(gates.split.inputs[0], whole), attrs=kept(gates.split))
    index = index_of(match.tensors["part"])
    part: Source = NewOutput(node=parts, index=index) if index else parts
    if root.op == "Sigmoid":
        return Replacement(root=NewNode(name=root.name, op="Identity", inputs=(part,), attrs=dtype))
    centred = NewNode(name="", op="Sub", inputs=(part, _number(0.5)), attrs=dtype)
    return Replacement(root=NewNode(name=root.name, op="Mul", inputs=(centred, _number(2)), attrs=dtype))


def _number(value: float) -> NewConst:
    return NewConst(name="", constant=Constant(value=np.array(value, np.float32)))


def _scale(gates: _Gates) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.repeat(np.array([2 if each == "Tanh" else 1 for each in gates.ops], np.float32), gates.columns)


def _gates(graph: Graph, part: str) -> _Gates | Declined:
    split = graph[node_of(part)]
    if split.op != "Split" or split.control:
        return Declined(reason="it isn't computed of one of several parts", moot=True)
    total = graph[node_of(split.inputs[1])]
    if total.op not in _SUMS or only_reader(graph, total.name) is None or total.attrs.get("T") != DType("float32"):
        return Declined(reason="it isn't a sum of float32 that is taken apart, or others read it", moot=True)
    ops = _ops(graph, split)
    if isinstance(ops, Declined):
        return ops
    shape, axis = sizes_of(graph).shape(total.name), graph.constant(split.inputs[0])
    if shape is None or axis is None or int(axis.value.reshape(-1)[0]) not in (-1, len(shape) - 1):
        return Declined(reason="it isn't the last dimension that is taken apart, as far as is known")
    if not isinstance(shape[-1], int):
        return Declined(reason="it isn't known how large the parts are")
    for product, added in (total.inputs, total.inputs[::-1]):
        made, unpack = graph[node_of(product)], graph[node_of(added)]
        if made.op in _PRODUCTS and unpack.op == "Unpack" and only_reader(graph, made.name) is not None:
            break
    else:
        return Declined(reason="it isn't the sum of a product and a part of all steps' tensor", moot=True)
    if not is_of_weights(graph, made.inputs[1]):
        return Declined(reason="the product isn't one with weights")
    rank, along = len(shape) + 1, unpack.attrs.get("axis", 0)
    assert isinstance(along, int)
    if along % rank == rank - 1 or sizes_of(graph).shape(added) != shape:
        return Declined(reason="the part that is added isn't known to be of the product's shape")
    return _Gates(
        split=split,
        total=total,
        product=made,
        unpack=unpack,
        step=index_of(added),
        ops=ops,
        columns=shape[-1] // len(ops),
    )


def _ops(graph: Graph, split: Node) -> tuple[str, ...] | Declined:
    """What is done to the parts, where that is one of the two to each."""
    count = split.attrs["num_split"]
    assert isinstance(count, int)
    found: dict[int, str] = {}
    for reader in graph.readers[split.name]:
        index = index_of(reader.inputs[0]) if len(reader.inputs) == 1 and not reader.control else -1
        if reader.op not in _GATES or index < 0 or found.setdefault(index, reader.op) != reader.op:
            return Declined(reason="to a part something else is done than one of Sigmoid and Tanh", moot=True)
    if len(found) < count or any(node_of(tensor) == split.name for tensor in graph.outputs):
        return Declined(reason="not every part takes a Sigmoid or a Tanh")
    ops = tuple(found[i] for i in range(count))
    if "Tanh" not in ops or ops.count("Sigmoid") < ops.count("Tanh"):
        return Declined(reason="fewer parts take a Sigmoid than a Tanh, or all do")
    return ops


RULE = Rule(
    name="gates_together",
    equation="Sigmoid(Split(x)[i]), Tanh(Split(x)[j]) -> s = Split(Sigmoid(x · c)); s[i], 2 (s[j] - 1/2)",
    pattern=op("Sigmoid|Tanh", any_tensor("part"), name="gate"),
    rewrite=rewrite,
    where="x is the sum of a product with weights and a part of a tensor, c is 2 for a Tanh, and no wasm is wanted",
)
