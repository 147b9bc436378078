"""Transpose(P(q) v, [0, 2, 1, 3])[:, i]  ->  Reshape(P(q[:, :, i : i + 1]) v)

where P treats each query alike: products with the keys, masks, softmax. Where one token alone is read of attention, as the class
token is in a vision transformer's last block, one query is asked; of the others nothing is computed. Nobody else may read them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tfjsci.graph.graph import AttrValue, Constant, DType, Graph, Node, node_of, normal
from tfjsci.rewrite.channels import made_of
from tfjsci.rewrite.new_integers import new_integers
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.permuted import order_of
from tfjsci.rewrite.picked import picked_row, read_only_for
from tfjsci.rewrite.rowwise import ALONG, FLOATS, SPREAD, UNARY
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, Source, kept
from tfjsci.rewrite.symbolic.sizes import Sizes, sizes_of

HEADS_FIRST = (0, 2, 1, 3)
PRODUCTS = ("BatchMatMul", "BatchMatMulV2")
ALIKE = UNARY | SPREAD | ALONG | {"SelectV2"}
OPS = ALIKE | {*PRODUCTS, "Transpose"}
INT = DType("int32")


def rewrite(match: Match) -> Replacement | Declined:
    """Attention of one query, and its heads side by side."""
    graph, root, transpose = match.graph, match.root, match.nodes["transpose"]
    row, sizes = picked_row(match), sizes_of(match.graph)
    dims = sizes.shape(match.tensors["attended"])
    if row is None or dims is None or len(dims) != 4 or order_of(graph, transpose) != HEADS_FIRST:
        return Declined(reason="it isn't one token of attention with several heads", moot=True)
    many = dims[2]
    if not isinstance(many, int) or not all(isinstance(n, int) for n in (dims[1], dims[3])):
        return Declined(reason="the number of queries or the heads' size isn't known")
    asking = _Asking(
        graph=graph, sizes=sizes, root=root, row=row % many, many=many, ours=read_only_for(graph, root, OPS)
    )
    made = asking.of(match.tensors["attended"])
    if made is None or not asking.asked:
        return Declined(reason="what attends doesn't treat each query alike, or others read it")
    if any(reader.name not in {*asking.inside, transpose.name} for n in asking.inside for reader in graph.readers[n]):
        return Declined(reason="what attends is needed as a whole, too")
    attrs: dict[str, AttrValue] = {"T": root.attrs["T"], "Tshape": INT}
    return Replacement(
        root=NewNode(name=root.name, op="Reshape", inputs=(made, new_integers([-1, dims[1], dims[3]])), attrs=attrs)
    )


@dataclass(kw_only=True)
class _Asking:
    """Tensors [b, h, n, m] of one of the n queries: [b, h, 1, m]."""

    graph: Graph
    sizes: Sizes
    root: Node
    row: int
    many: int
    ours: set[str]
    inside: set[str] = field(default_factory=set)
    asked: bool = False
    """Whether a product with queries was gone up through."""

    def of(self, tensor: str) -> Source | None:
        """The tensor of one query; None where that can't be told."""
        constant = self.graph.constant(tensor)
        if constant is not None:
            return self._of_constant(tensor, constant)
        own, node = self.sizes.shape(tensor), self.graph[node_of(tensor)]
        if own is None:
            return None
        if len(own) < 2 or own[-2] == 1:
            return tensor
        if len(own) != 4 or own[2] != self.many:
            return None
        if normal(tensor) == node.name and node.name in self.ours:
            made = self._within(node)
            if made is not None:
                self.inside.add(node.name)
                return made
        return self._cut(tensor)

    def _within(self, node: Node) -> Source | None:
        if node.attrs.get("T") not in FLOATS:
            return None
        if node.op in PRODUCTS:
            if node.attrs.get("adj_x"):
                return None
            queries = self.of(node.inputs[0])
            if queries is None:
                return None
            self.asked = True
            return NewNode(name="", op=node.op, inputs=(queries, node.inputs[1]), attrs=kept(node))
        if node.op == "Transpose" and order_of(self.graph, node) == HEADS_FIRST:
            return self._heads(node)
        if node.op not in ALIKE:
            return None
        inputs = [self.of(tensor) for tensor in node.inputs]
        whole = [each for each in inputs if each is not None]
        return (
            NewNode(name="", op=node.op, inputs=tuple(whole), attrs=kept(node)) if len(whole) == len(inputs) else None
        )

    def _heads(self, node: Node) -> Source | None:
        """Of [b, n, h, d] the token as [b, h, d], which is [b, h, 1, d]: nothing moves."""
        dims = self.sizes.shape(node.name)
        assert dims is not None
        if not isinstance(dims[1], int) or not isinstance(dims[3], int):
            return None
        token = NewNode(
            name="", op="StridedSlice", inputs=(node.inputs[0], *self.root.inputs[1:]), attrs=kept(self.root)
        )
        attrs: dict[str, AttrValue] = {"T": self.root.attrs["T"], "Tshape": INT}
        return NewNode(name="", op="Reshape", inputs=(token, new_integers([-1, dims[1], 1, dims[3]])), attrs=attrs)

    def _cut(self, tensor: str) -> Source | None:
        known = self.graph.type_of(tensor)
        if known is None or DType(known.dtype) not in FLOATS:
            return None
        bounds = [new_integers([0, 0, self.row, 0]), new_integers([0, 0, self.row + 1, 0]), new_integers([1, 1, 1, 1])]
        masks = {"begin_mask": 0b1011, "end_mask": 0b1011}
        rest = {"ellipsis_mask": 0, "new_axis_mask": 0, "shrink_axis_mask": 0}
        attrs: dict[str, AttrValue] = {"T": DType(known.dtype), "Index": INT, **masks, **rest}
        return NewNode(name="", op="StridedSlice", inputs=(tensor, *bounds), attrs=attrs)

    def _of_constant(self, tensor: str, constant: Constant) -> Source | None:
        value = constant.value
        if value.ndim < 2 or value.shape[-2] == 1:
            return tensor
        if value.shape[-2] != self.many:
            return None
        row = np.ascontiguousarray(value[..., self.row : self.row + 1, :])
        return NewConst(name=tensor, constant=Constant(value=row, sources=made_of(constant)))


RULE = Rule(
    name="one_query",
    equation="Transpose(P(q) v, [0, 2, 1, 3])[:, i] -> Reshape(P(q[:, :, i : i + 1]) v)",
    pattern=op(
        "StridedSlice",
        op("Transpose", any_tensor("attended"), constant("order"), name="transpose"),
        constant("begin"),
        constant("end"),
        constant("strides"),
        name="slice",
    ),
    rewrite=rewrite,
    where="P treats each query alike, and nobody else reads anything of it",
)
