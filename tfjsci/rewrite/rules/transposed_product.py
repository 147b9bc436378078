"""Transpose(x y)  ->  yᵀ xᵀ,   of matrices in a batch

Attention whose scores are written keys times queries has them turned round afterwards, as KerasHub's has. An operand that is a
transpose, and read by nobody else, is transposed to be the other way round; of others the product is told so.
"""

from __future__ import annotations

from tfjsci.graph.graph import AttrValue, node_of, normal
from tfjsci.rewrite.new_integers import new_integers
from tfjsci.rewrite.passing import only_reader
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.permuted import order_of
from tfjsci.rewrite.rowwise import FLOATS
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule, Source, kept


def rewrite(match: Match) -> Replacement | Declined:
    """The product of the two, turned round."""
    graph, root, product = match.graph, match.root, match.nodes["product"]
    order = order_of(graph, root)
    if order is None or len(order) < 2 or order != (*range(len(order) - 2), len(order) - 1, len(order) - 2):
        return Declined(reason="more than the matrices' rows and columns change places", moot=True)
    if root.attrs["T"] not in FLOATS:
        return Declined(reason="an adjoint of other numbers than floats may be more than turned round")
    sides: list[Source] = []
    attrs: dict[str, AttrValue] = kept(product)
    for tensor, adjoint, now in ((match.tensors["y"], "adj_y", "adj_x"), (match.tensors["x"], "adj_x", "adj_y")):
        turned = not product.attrs.get(adjoint)
        sides.append(_upright(match, tensor) if turned else tensor)
        attrs[now] = turned and sides[-1] is tensor
    return Replacement(root=NewNode(name=root.name, op=product.op, inputs=tuple(sides), attrs=attrs))


def _upright(match: Match, tensor: str) -> Source:
    """The transpose that the operand is, the other way round; the operand, where it is none."""
    graph, above = match.graph, match.graph[node_of(tensor)]
    order = order_of(graph, above) if normal(tensor) == above.name else None
    if order is None or len(order) < 2 or only_reader(graph, above.name) is None:
        return tensor
    swapped = new_integers((*order[:-2], order[-1], order[-2]))
    return NewNode(name="", op="Transpose", inputs=(above.inputs[0], swapped), attrs=kept(above))


RULE = Rule(
    name="transposed_product",
    equation="Transpose(x y) -> yᵀ xᵀ",
    pattern=op(
        "Transpose",
        op("BatchMatMul|BatchMatMulV2", any_tensor("x"), any_tensor("y"), name="product"),
        constant("order"),
        name="transpose",
    ),
    rewrite=rewrite,
    where="rows and columns of matrices of floats in a batch change places",
)
