"""f(y)[:, i]  ->  f(y[:, i])

where f treats each row alike: products with kernels, layer norm, activations, sums. Of a vision transformer's last block the head
reads the class token alone; here the rows of the others aren't computed. Nobody else may read anything of f.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from tfjsci.graph.graph import Array, AttrValue, Constant, DType, Graph, Node, node_of, normal
from tfjsci.rewrite.channels import made_of
from tfjsci.rewrite.new_integers import new_integers
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.picked import picked_row, read_only_for
from tfjsci.rewrite.rowwise import REDUCING, ROWWISE, operands, treats_rows_alike
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, Source, kept
from tfjsci.rewrite.symbolic.size import Number, product
from tfjsci.rewrite.symbolic.sizes import Sizes, sizes_of

OPS = ROWWISE | {"MatMul", "Reshape"}
OTHERWISE = "what it is picked from doesn't treat each row alike, or others read it"
DEEPEST = 200
"""Ops that are gone up through: a block of a transformer has about 30."""


def rewrite(match: Match) -> Replacement | Declined:
    """f on one row of each matrix."""
    graph, root = match.graph, match.root
    row = picked_row(match)
    dims = sizes_of(graph).shape(root.inputs[0])
    if row is None or dims is None or len(dims) < 3:
        return Declined(reason="it isn't one row of each matrix", moot=True)
    whole = graph[node_of(root.inputs[0])]
    if whole.op not in OPS or len(graph.readers[whole.name]) > 1:  # at once: of a sequence every step may be picked
        return Declined(reason=OTHERWISE, moot=True)
    ours = read_only_for(graph, root, OPS)
    picking = _Picking(
        graph=graph, sizes=sizes_of(graph), root=root, row=row, leading=dims[:2], rows=product(dims[:2]), ours=ours
    )
    made = picking.of(root.inputs[0])
    if not isinstance(made, NewNode) or not any(graph[name].op != "Reshape" for name in picking.inside):
        return Declined(reason=OTHERWISE)
    if any(reader.name not in picking.inside | {root.name} for n in picking.inside for reader in graph.readers[n]):
        return Declined(reason="what it is picked from is needed as a whole, too")
    return Replacement(root=NewNode(name=root.name, op=made.op, inputs=made.inputs, attrs=made.attrs))


@dataclass(kw_only=True)
class _Picking:
    """Tensors of one row of each matrix, instead of all: [b, n, …] -> [b, …], and rows [b·n, c] -> [b, c]."""

    graph: Graph
    sizes: Sizes
    root: Node
    row: int
    leading: tuple[Number, ...]
    rows: Number
    ours: set[str]
    inside: set[str] = field(default_factory=set)
    known: dict[str, Source | None] = field(default_factory=dict)
    depth: int = 0

    def of(self, tensor: str) -> Source | None:
        """The tensor of one row; None where it can't be told which rows it has."""
        tensor = normal(tensor)
        if tensor not in self.known:
            self.depth += 1
            self.known[tensor] = self._of(tensor) if self.depth < DEEPEST else None
            self.depth -= 1
        return self.known[tensor]

    def _of(self, tensor: str) -> Source | None:
        dims, node = self.sizes.shape(tensor), self.graph[node_of(tensor)]
        if dims == ():
            return tensor
        if dims is None:
            return None
        whole = len(dims) > 2
        if whole and dims[:2] != self.leading:
            return None
        made = self._within(node, dims) if node.name in self.ours and tensor == node.name else None
        if made is not None:
            self.inside.add(node.name)
            return made
        return self._picked(tensor) if whole else self._picked_of_rows(tensor, dims)

    def _within(self, node: Node, dims: tuple[object, ...]) -> Source | None:
        """The node on one row."""
        if node.op == "Reshape":
            return self._reshaped(node, dims)
        if node.op == "MatMul" and len(dims) == 2:
            kernel = self.graph.constant(node.inputs[1])
            if kernel is None or node.attrs.get("transpose_a"):
                return None
            x = self.of(node.inputs[0])
            return None if x is None else self._new(node, [x, node.inputs[1]])
        if not treats_rows_alike(self.graph, node, len(dims)):
            return None
        inputs = [self._operand(tensor, dims) for tensor in operands(node)]
        if None in inputs:
            return None
        if node.op in REDUCING:
            inputs.append(new_integers([-1]))
        return self._new(node, [each for each in inputs if each is not None])

    def _operand(self, tensor: str, dims: tuple[object, ...]) -> Source | None:
        constant = self.graph.constant(tensor)
        if constant is None:
            own = self.sizes.shape(tensor)
            return self.of(tensor) if own is not None and len(own) in (0, len(dims)) else None
        value = constant.value
        if value.ndim <= 1:
            return tensor
        if value.ndim > len(dims) or (len(dims) > 2 and value.ndim == len(dims) and value.shape[0] != 1):
            return None
        at = -len(dims) + 1  # of the rows
        if len(dims) > 2 and value.ndim >= -at:
            value = np.array(value.take(self.row if value.shape[at] > 1 else 0, axis=at))
        if any(size != 1 for size in value.shape[:-1]) and len(dims) <= 3:
            return None
        return NewConst(name=tensor, constant=Constant(value=_vector(value), sources=made_of(constant)))

    def _reshaped(self, node: Node, dims: tuple[object, ...]) -> Source | None:
        """Matrices made of rows, or rows of matrices, whose rows stay whole."""
        before = self.sizes.shape(node.inputs[0])
        if before is None or not all(isinstance(n, int) for n in (*before[2:], *dims[2:])):
            return None
        if len(dims) > 2 and len(before) == 2 and before[1] == _product(dims[2:]):
            x = self.of(node.inputs[0])
            return x if x is None or len(dims) == 3 else self._new(node, [x, new_integers([-1, *dims[2:]])])
        if len(dims) == 2 and len(before) > 2 and before[:2] == self.leading and dims[1] == _product(before[2:]):
            x = self.of(node.inputs[0])
            return x if x is None or len(before) == 3 else self._new(node, [x, new_integers([-1, dims[1]])])
        return None

    def _picked(self, tensor: str) -> NewNode:
        return NewNode(name="", op="StridedSlice", inputs=(tensor, *self.root.inputs[1:]), attrs=kept(self.root))

    def _picked_of_rows(self, tensor: str, dims: tuple[object, ...]) -> NewNode | None:
        """Of rows that others read as well: the matrices that they are made of again, for a moment."""
        known = self.graph.type_of(tensor)
        if len(dims) != 2 or dims[0] != self.rows or known is None or not isinstance(self.leading[1], int):
            return None
        attrs: dict[str, AttrValue] = {"T": DType(known.dtype), "Tshape": DType("int32")}
        whole = new_integers([-1, self.leading[1], dims[1]])
        matrices = NewNode(name="", op="Reshape", inputs=(tensor, whole), attrs=attrs)
        return NewNode(name="", op="StridedSlice", inputs=(matrices, *self.root.inputs[1:]), attrs=kept(self.root))

    def _new(self, node: Node, inputs: list[Source]) -> NewNode:
        attrs = kept(node)
        if node.op in REDUCING:
            attrs["Tidx"] = DType("int32")
        if node.op == "Reshape":
            attrs["Tshape"] = DType("int32")
        return NewNode(name="", op=node.op, inputs=tuple(inputs), attrs=attrs)


def _product(sizes: tuple[object, ...]) -> int | None:
    whole = [n for n in sizes if isinstance(n, int)]
    return math.prod(whole) if len(whole) == len(sizes) else None


def _vector(value: Array) -> Array:
    """Without the sizes of 1 in front."""
    while value.ndim > 1 and value.shape[0] == 1:
        value = value[0]
    return np.array(value)


RULE = Rule(
    name="pick_before_rows",
    equation="f(y)[:, i] -> f(y[:, i])",
    pattern=op("StridedSlice", any_tensor("x"), constant("begin"), constant("end"), constant("strides"), name="slice"),
    rewrite=rewrite,
    where="f treats each row alike, and nobody else reads anything of it",
)
