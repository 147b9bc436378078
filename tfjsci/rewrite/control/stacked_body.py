"""The body of a loop that does what two did: what each has of its own is one tensor of both, along a new first axis of two.

    Sigmoid(x), Sigmoid(y)                   ->    Sigmoid(Pack(x, y))
    MatMul(x, v), MatMul(y, w)               ->    a, b = Unpack(Pack(x, y)); Pack(MatMul(a, v), MatMul(b, w))

What is computed element by element takes one kernel where it took two; what reads weights stays two, so that a weight remains
what it was: stored, quantised and calibrated as ever. (One product of batches takes as many kernels less, but on wasm that is a
plain loop: with 256 units four times as long. A matrix with both weights on its diagonal multiplies as much with zeros.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import prod

import numpy as np

from tfjsci.graph.graph import (
    AttrValue,
    DType,
    FunctionBody,
    Graph,
    Node,
    Shape,
    ShapeAttr,
    node_of,
    normal,
)
from tfjsci.rewrite.control.added import Added
from tfjsci.rewrite.control.parts import output
from tfjsci.rewrite.control.twins import Twins, UnlikeError

BOTH = 2
"""How many loops become one."""

_INT = DType("int32")
_ELEMENTWISE = frozenset(
    {
        "Abs", "Add", "AddV2", "Cast", "Ceil", "ClipByValue", "Div", "DivNoNan", "Elu", "Equal", "Erf", "Exp", "Expm1",
        "Floor", "Greater", "GreaterEqual", "LeakyRelu", "Less", "LessEqual", "Log", "Log1p", "LogicalAnd", "LogicalNot",
        "LogicalOr", "Maximum", "Minimum", "Mul", "Neg", "NotEqual", "Pow", "RealDiv", "Reciprocal", "Relu", "Relu6",
        "Rsqrt", "SelectV2", "Selu", "Sigmoid", "Sign", "Softplus", "Softsign", "Sqrt", "Square", "SquaredDifference",
        "Sub", "Tanh",
    }
)  # fmt: skip
"""Each number of what comes out is computed of those in its place, and dimensions are lined up from the last."""

_BY_ITSELF = _ELEMENTWISE | {"BiasAdd", "MatMul", "Softmax", "Split", "StridedSlice"}
"""What may be done of each loop's tensors alone: the shape of what comes out depends on shapes only, and on whole numbers."""


class StackedBody:
    """Builds it. ``graph`` and ``inputs`` are the new body's; raises ``UnlikeError`` where something isn't understood.

    ``kernels`` are how many a turn starts, of what isn't the same in both loops: two loops one after the other, and as one.
    """

    def __init__(self, twins: Twins) -> None:
        self._twins = twins
        self._first, self._second = (body.graph for body in twins.bodies)
        self._stacked: dict[str, str] = {}
        self._apart: dict[str, tuple[str, str]] = {}
        self._before, self._after = 0, 0
        self._inputs = twins.bodies[0].inputs
        base = tuple(self._placeholder(i, name) for i, name in enumerate(self._inputs))
        self._added = Added(Graph(nodes=base, outputs=()))
        needed = [each for each in self._first.nodes if each.name in twins.other and each.name not in self._inputs]
        for node in needed:
            self._added.name(node.name)  # which it keeps
        for node in needed:
            self._take(node)
        self._outputs = tuple(self._output(i, tensor) for i, tensor in enumerate(self._first.outputs))

    @property
    def body(self) -> FunctionBody:
        """The function, under the first one's name. Nothing has types yet."""
        made = replace(self._added.last(), outputs=self._outputs, types={})
        return FunctionBody(name=self._twins.bodies[0].name, inputs=self._inputs, graph=made.pruned())

    @property
    def kernels(self) -> tuple[int, int]:
        """Of both loops, and of the one."""
        return self._before, self._after

    def _placeholder(self, i: int, name: str) -> Node:
        node = self._first[name]
        if i not in self._twins.own:
            return node
        self._stacked[name] = name
        shape = node.attrs.get("shape")
        inner = shape.shape if isinstance(shape, ShapeAttr) and node.attrs["dtype"] != DType("variant") else ()
        whole = inner if node.attrs["dtype"] == DType("variant") else with_both(inner)
        return replace(node, attrs={**node.attrs, "shape": ShapeAttr(whole)})

    def _output(self, i: int, tensor: str) -> str:
        return self._both(tensor) if i in self._twins.own else tensor

    def _take(self, node: Node) -> None:
        twins = self._twins
        other = self._second[twins.other[node.name]]
        if node.name in twins.same:
            if node.op == "Const":
                self._added.take_constant(node, self._first.constants[node.name])
            else:
                self._added.take(node)
        elif node.op == "Const":
            its = replace(other, name=self._added.name(other.name))
            self._apart[node.name] = (
                self._added.take_constant(node, self._first.constants[node.name]),
                self._added.take_constant(its, self._second.constants[other.name]),
            )
        else:
            own = [normal(tensor) for tensor in node.inputs if node_of(tensor) not in twins.same]
            self._check_floats(node, own)
            self._check_size(node)
            made = _MADE.get(node.op)
            self._before += BOTH * _kernels(node)
            if made is not None and (both := made(self, node, own)) is not None:
                self._put(node, other, both)
            elif node.op in _BY_ITSELF:
                self._each(node, other)
            else:
                raise UnlikeError(f"{node.op} in it isn't known to do of two at once what it does of each")

    def _check_floats(self, node: Node, own: list[str]) -> None:
        """Whole numbers may say how large something is, and that is to be the same."""
        for tensor in own:
            known = self._first.type_of(tensor)
            if known is None or not known.dtype.startswith(("float", "bool", "variant")):
                raise UnlikeError(f"{node.op} in it reads what isn't known to be floats")

    def _check_size(self, node: Node) -> None:
        known = self._first.type_of(node.name)
        size = prod(each or 1 for each in known.shape) if known is not None and known.shape is not None else 0
        size *= _results(node)
        if size > MOST:
            raise UnlikeError(
                f"{node.op} makes {size} numbers a turn: to copy more than {MOST} takes longer than it saves"
            )

    def _put(self, node: Node, other: Node, both: Node) -> None:
        """What is done once for both, under the first one's name."""
        origin = tuple(dict.fromkeys((*node.origin, *other.origin)))
        self._added.take(replace(both, origin=origin))
        self._after += _kernels(node)
        for i in range(_results(node)):
            self._stacked[output(node, i)] = output(node, i)

    def _each(self, node: Node, other: Node) -> None:
        """What is done of each by itself."""
        pairs = [self._one_by_one(tensor) for tensor in node.inputs]
        one = replace(node, inputs=tuple(first for first, _ in pairs))
        two = replace(other, name=self._added.name(other.name), inputs=tuple(second for _, second in pairs))
        for each in (one, two):
            self._added.take(each)
            self._after += _kernels(node)
        for i in range(_results(node)):
            self._apart[output(node, i)] = output(one, i), output(two, i)

    def _one_by_one(self, tensor: str) -> tuple[str, str]:
        tensor = normal(tensor)
        if node_of(tensor) in self._twins.same:
            return tensor, tensor
        if tensor not in self._apart:
            node = self._first[node_of(tensor)]
            dtype = self._dtype(tensor)
            name = self._added.put(node, "each", "Unpack", self._stacked[tensor], T=dtype, axis=0, num=BOTH)
            self._apart[tensor] = name, f"{name}:1"
            self._after += BOTH
        return self._apart[tensor]

    def _both(self, tensor: str) -> str:
        tensor = normal(tensor)
        if tensor not in self._stacked:
            pair = self._one_by_one(tensor)
            node = self._first[node_of(tensor)]
            dtype = self._dtype(tensor)
            self._stacked[tensor] = self._added.put(node, "both", "Pack", *pair, T=dtype, axis=0, N=BOTH)
            self._after += 1
        return self._stacked[tensor]

    def _dtype(self, tensor: str) -> DType:
        known = self._first.type_of(tensor)
        if known is None or known.dtype == "variant":
            raise UnlikeError(f"it isn't known what {self._first[node_of(tensor)].op} makes in it")
        return DType(known.dtype)

    def _rank(self, tensor: str) -> int | None:
        known = self._first.type_of(tensor)
        return None if known is None or known.shape is None else len(known.shape)

    def _elementwise(self, node: Node, own: list[str]) -> Node | None:
        """Once, of tensors of one rank; what is the same in both, and has no more dimensions, is spread."""
        ranks = {self._rank(tensor) for tensor in own}
        if len(ranks) != 1 or any(self._first[node_of(tensor)].op == "Const" for tensor in own):
            return None
        (rank,) = ranks
        others = [self._rank(tensor) for tensor in node.inputs if node_of(tensor) in self._twins.same]
        if rank is None or any(each is None or each > rank for each in others):
            return None
        return replace(node, inputs=tuple(self._as_input(tensor) for tensor in node.inputs))

    def _as_input(self, tensor: str) -> str:
        return normal(tensor) if node_of(tensor) in self._twins.same else self._both(tensor)

    def _split(self, node: Node, own: list[str]) -> Node | None:
        """Along the same dimension, which is one further back."""
        rank, axis = self._rank(node.inputs[1]), self._first.constant(node.inputs[0])
        if rank is None or axis is None or own != [normal(node.inputs[1])]:
            return None
        along = self._added.integers(node, "axis", int(axis.value.reshape(-1)[0]) % rank + 1)
        return replace(node, inputs=(along, self._both(node.inputs[1])))

    def _slice(self, node: Node, own: list[str]) -> Node | None:
        """All of the new dimension, and of the others what it was."""
        places = [self._first.constant(tensor) for tensor in node.inputs[1:]]
        if own != [normal(node.inputs[0])] or any(place is None for place in places):
            return None
        numbers = [place.value for place in places if place is not None]
        made = [
            self._added.integers(node, word, np.concatenate(([first], value)).tolist(), str(value.dtype))
            for word, first, value in zip(("begin", "end", "step"), (0, 0, 1), numbers, strict=True)
        ]
        masks = {key: value for key, value in node.attrs.items() if key.endswith("_mask")}
        moved: dict[str, AttrValue] = {
            key: (int(value) << 1) + (key in {"begin_mask", "end_mask"})
            for key, value in {"begin_mask": 0, "end_mask": 0, **masks}.items()
            if isinstance(value, int)
        }
        return replace(node, inputs=(self._both(node.inputs[0]), *made), attrs={**node.attrs, **moved})

    def _read(self, node: Node, own: list[str]) -> Node | None:
        """An element of a list of both's elements."""
        if own != [normal(node.inputs[0])]:
            raise UnlikeError("each reads its list at another place")
        return replace(node, inputs=(self._stacked[own[0]], node.inputs[1], self._element(node, node.name)))

    def _write(self, node: Node, own: list[str]) -> Node | None:
        """An element of a list of both's elements, which are stacked."""
        if normal(node.inputs[0]) not in own or node_of(node.inputs[1]) not in self._twins.same:
            raise UnlikeError("each writes its list at another place")
        written = self._both(node.inputs[2])
        return replace(node, inputs=(self._stacked[normal(node.inputs[0])], node.inputs[1], written))

    def _element(self, node: Node, tensor: str) -> str:
        known = self._first.type_of(tensor)
        if known is None or known.shape is None:
            raise UnlikeError("it isn't known how many dimensions a list's elements have")
        return self._added.integers(
            node, "element_shape", [BOTH, *(-1 if size is None else size for size in known.shape)]
        )


_Makes = Callable[["StackedBody", Node, list[str]], "Node | None"]
_MADE: Mapping[str, _Makes] = {
    **dict.fromkeys(_ELEMENTWISE, StackedBody._elementwise),
    "Split": StackedBody._split,
    "StridedSlice": StackedBody._slice,
    "TensorListGetItem": StackedBody._read,
    "TensorListSetItem": StackedBody._write,
}
"""What is done once for both: the node without its name, or None where it is done of each by itself."""


MOST = 4096
"""Numbers that each loop has in one tensor of its body, a batch that is open being one. On wasm an LSTM's turn takes 0.86 of both
loops' with 2,048 (eight examples, 64 units), 0.92 with 4,096, 1.05 with 8,192: to copy these takes longer than to start a kernel.
"""


def with_both(shape: Shape) -> Shape:
    """The shape of two tensors of this shape, stacked."""
    return None if shape is None else (BOTH, *shape)


def _results(node: Node) -> int:
    count = node.attrs.get("num_split", 1)
    return count if isinstance(count, int) else 1


def _kernels(node: Node) -> int:
    """How many it starts, once lists are tensors: a Split cuts out each part by itself."""
    return 0 if node.op == "TensorListSetItem" else _results(node)
