"""Tensors of attention [batch, heads, rows, columns] as one [batch, rows, columns] for each head.

A head's queries, keys and values are products with its own columns of a weight [inputs, heads · size].
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from math import prod

import numpy as np

from tfjsci.graph.graph import Array, AttrValue, Constant, DType, Graph, Node, node_of, normal
from tfjsci.rewrite.channels import made_of, per_channel
from tfjsci.rewrite.new_integers import new_integers
from tfjsci.rewrite.passing import only_reader
from tfjsci.rewrite.permuted import order_of
from tfjsci.rewrite.picked import read_only_for
from tfjsci.rewrite.rowwise import ALONG, FLOATS, SPREAD, UNARY
from tfjsci.rewrite.rule import NewConst, NewNode, NewOutput, Source, kept
from tfjsci.rewrite.symbolic.sizes import Sizes

_PRODUCTS = ("BatchMatMul", "BatchMatMulV2")
_ALIKE = (UNARY | SPREAD | ALONG | {"SelectV2"}) - {"BiasAdd"}
_BIASES = ("BiasAdd", "Add", "AddV2")
_HEADS_FIRST = {(0, 2, 1, 3): False, (0, 2, 3, 1): True}
"""What makes [batch, heads, rows, size] of [batch, rows, heads, size], and whether it then swaps the last two."""

_OPS = _ALIKE | {*_PRODUCTS, *_BIASES, "MatMul", "Reshape", "Transpose"}
_INT = DType("int32")

Heads = tuple[Source, ...]


@dataclass(kw_only=True)
class Apart:
    """What takes tensors apart that are there for ``root`` alone, and tells what of.

    ``products`` are how many products of matrices there are, and ``largest`` how many multiplications the largest of these takes
    for one head; ``laid_out`` tells whether a tensor was found before its heads came first.
    """

    graph: Graph
    sizes: Sizes
    root: Node
    heads: int
    products: int = 0
    largest: int = 0
    laid_out: bool = False
    _made: dict[str, Heads | None] = field(default_factory=dict)
    _ours: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._ours = read_only_for(self.graph, self.root, _OPS)

    def of(self, tensor: str) -> Heads | None:
        """The tensor of each head; None where that can't be told."""
        name = normal(tensor)
        if name not in self._made:
            self._made[name] = self._of(tensor)
        return self._made[name]

    def _of(self, tensor: str) -> Heads | None:
        constant = self.graph.constant(tensor)
        if constant is not None:
            return self._of_constant(tensor, constant)
        dims, node = self.sizes.shape(tensor), self.graph[node_of(tensor)]
        if dims is None or len(dims) == 3:
            return None
        if len(dims) < 3:
            return (tensor,) * self.heads
        if len(dims) == 4 and dims[1] == 1:
            return (self._without_heads(tensor),) * self.heads
        if len(dims) != 4 or dims[1] != self.heads:
            return None
        made = self._within(node) if self._single(tensor, node) else None
        return made if made is not None else self._unpacked(tensor, 1)

    def _single(self, tensor: str, node: Node) -> bool:
        """Whether the node's only output is floats that nobody else reads."""
        return normal(tensor) == node.name and node.name in self._ours and node.attrs.get("T") in FLOATS

    def _within(self, node: Node) -> Heads | None:
        if node.op in _PRODUCTS:
            return self._product(node)
        if node.op == "Transpose":
            return self._laid_out(node)
        if node.op not in _ALIKE:
            return None
        operands = [self.of(tensor) for tensor in node.inputs]
        if any(each is None for each in operands):
            return None
        return tuple(
            NewNode(name="", op=node.op, inputs=inputs, attrs=kept(node))
            for inputs in zip(*(each for each in operands if each is not None), strict=True)
        )

    def _product(self, node: Node) -> Heads | None:
        sides = [self.of(tensor) for tensor in node.inputs]
        dims = [self.sizes.shape(tensor) for tensor in (*node.inputs, node.name)]
        if sides[0] is None or sides[1] is None or any(each is None or len(each) != 4 for each in dims):
            return None
        left, made = dims[0], dims[2]
        assert left is not None
        assert made is not None
        counts = (*made[2:], left[-2 if node.attrs.get("adj_x") else -1])
        if not all(isinstance(n, int) for n in counts):
            return None
        self.products += 1
        self.largest = max(self.largest, prod(n for n in counts if isinstance(n, int)))
        upright = [
            tuple(map(partial(_swapped, node), side)) if node.attrs.get(flag) else side
            for side, flag in zip(sides, ("adj_x", "adj_y"), strict=True)
            if side is not None
        ]
        attrs: dict[str, AttrValue] = {**kept(node), "adj_x": False, "adj_y": False}
        return tuple(
            NewNode(name="", op="BatchMatMulV2", inputs=both, attrs=attrs) for both in zip(*upright, strict=True)
        )

    def _laid_out(self, node: Node) -> Heads | None:
        """Of [batch, n, heads, size], brought into [batch, heads, n, size] or […, size, n]."""
        order = order_of(self.graph, node)
        if order not in _HEADS_FIRST:
            return None
        heads = self._of_rows(node.inputs[0]) or self._unpacked(node.inputs[0], 2)
        self.laid_out = self.laid_out or heads is not None
        return tuple(map(partial(_swapped, node), heads)) if heads and _HEADS_FIRST[order] else heads

    def _of_rows(self, tensor: str) -> Heads | None:
        """Of what rows [batch · n, heads · size] are reshaped to."""
        split = self.graph[node_of(tensor)]
        if split.op != "Reshape" or not self._single(tensor, split):
            return None
        dims, rows = self.sizes.shape(split.name), self.sizes.shape(split.inputs[0])
        if dims is None or not rows or not isinstance(dims[1], int) or not isinstance(dims[3], int):
            return None
        if rows[-1] != self.heads * dims[3]:
            return None
        above = self.graph[node_of(split.inputs[0])]
        parts = self._projected(above) if self._single(split.inputs[0], above) else None
        attrs: dict[str, AttrValue] = {"T": split.attrs["T"], "Tshape": _INT}
        shape = new_integers([-1, dims[1], dims[3]])
        return tuple(
            NewNode(name="", op="Reshape", inputs=(part, shape), attrs=attrs) for part in parts or self._cut(split)
        )

    def _projected(self, node: Node) -> Heads | None:
        """The product of each head with its columns, and its bias."""
        biases: list[Array] | None = None
        added = self.graph.constant(node.inputs[-1]) if node.op in _BIASES else None
        product = node
        if added is not None:
            product = self.graph[node_of(node.inputs[0])]
            channels = self.sizes.shape(node.name)
            width = channels[-1] if channels else None
            bias = per_channel(added.value, width, 2) if isinstance(width, int) else None
            if bias is None or node.attrs.get("data_format", b"NHWC") != b"NHWC":
                return None
            biases = np.split(bias, self.heads)
            if not self._single(node.inputs[0], product):
                return None
        kernel = self.graph.constant(product.inputs[1]) if product.op == "MatMul" else None
        if (
            kernel is None
            or product.attrs.get("transpose_a")
            or only_reader(self.graph, node_of(product.inputs[1])) is None
        ):
            return None
        columns = np.split(kernel.value, self.heads, axis=0 if product.attrs.get("transpose_b") else 1)
        found: list[Source] = [
            NewNode(
                name="",
                op="MatMul",
                inputs=(product.inputs[0], _part(product.inputs[1], kernel, column)),
                attrs=kept(product),
            )
            for column in columns
        ]
        if added is None or biases is None:
            return tuple(found)
        attrs: dict[str, AttrValue] = {"T": product.attrs["T"], "data_format": b"NHWC"}
        return tuple(
            NewNode(name="", op="BiasAdd", inputs=(one, _part(node.inputs[1], added, bias)), attrs=attrs)
            for one, bias in zip(found, biases, strict=True)
        )

    def _cut(self, split: Node) -> Heads:
        """Whatever the rows are: the columns of each head."""
        rank = len(self.sizes.shape(split.inputs[0]) or ())
        attrs: dict[str, AttrValue] = {"T": split.attrs["T"], "num_split": self.heads}
        cut = NewNode(name="", op="Split", inputs=(new_integers(rank - 1), split.inputs[0]), attrs=attrs)
        return (cut, *(NewOutput(node=cut, index=i) for i in range(1, self.heads)))

    def _unpacked(self, tensor: str, axis: int) -> Heads | None:
        """Whatever it is, floats: each head cut out."""
        known = self.graph.type_of(tensor)
        if known is None or DType(known.dtype) not in FLOATS:
            return None
        attrs: dict[str, AttrValue] = {"T": DType(known.dtype), "axis": axis, "num": self.heads}
        cut = NewNode(name="", op="Unpack", inputs=(tensor,), attrs=attrs)
        return (cut, *(NewOutput(node=cut, index=i) for i in range(1, self.heads)))

    def _without_heads(self, tensor: str) -> NewNode:
        known = self.graph.type_of(tensor)
        attrs: dict[str, AttrValue] = {"squeeze_dims": (1,)}
        if known is not None:
            attrs["T"] = DType(known.dtype)
        return NewNode(name="", op="Squeeze", inputs=(tensor,), attrs=attrs)

    def _of_constant(self, tensor: str, constant: Constant) -> Heads | None:
        value = constant.value
        if value.ndim < 3:
            return (tensor,) * self.heads
        axis = value.ndim - 3
        if value.ndim > 4 or value.shape[axis] not in (1, self.heads):
            return None
        parts = [np.ascontiguousarray(part.squeeze(axis)) for part in np.split(value, value.shape[axis], axis)]
        found = [_part(tensor, constant, part) for part in parts]
        return tuple(found * self.heads)[: self.heads]


def _part(tensor: str, constant: Constant, value: Array) -> NewConst:
    return NewConst(name=node_of(tensor), constant=replace(constant, value=value, sources=made_of(constant)))


def _swapped(node: Node, matrices: Source) -> NewNode:
    """[batch, rows, columns] with rows and columns swapped."""
    attrs: dict[str, AttrValue] = {"T": node.attrs["T"], "Tperm": _INT}
    return NewNode(name="", op="Transpose", inputs=(matrices, new_integers((0, 2, 1))), attrs=attrs)
