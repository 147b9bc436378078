"""Pack(MatMul(x[0], v), MatMul(x[1], w))  ->  BatchMatMulV2(x, Pack(v, w)), with the bias behind each

as the loop of a Bidirectional layer's two directions has it (``control/stacked_body.py``): one product of both takes a kernel
where there were two, the copies of x's halves and that of both results. The weights stay as they were stored; an unrolled loop's
steps share their Pack, which is made once then. On wasm a product of batches is a plain loop, so it is done for GPUs alone.
"""

from __future__ import annotations

from tfjsci.graph.graph import AttrValue, DType, Graph, Node, index_of, node_of
from tfjsci.rewrite.channels import not_linear, other_axis
from tfjsci.rewrite.new_integers import new_integers
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule

_BOTH = 2


def rewrite(match: Match) -> Replacement | Declined:
    """One product with both weights."""
    root = match.root
    if root.attrs["T"] != DType("float32"):
        return Declined(reason="it isn't float32")
    unpack = _taken_apart(match.graph, root, match.tensors["a"], match.tensors["b"])
    if isinstance(unpack, Declined):
        return unpack
    products = [match.nodes[name] for name in ("first", "second")]
    weights = [match.value(name).value for name in "vw"]
    reasons = [not_linear(product, weight) for product, weight in zip(products, weights, strict=True)]
    reasons += [other_axis(match.nodes[name]) for name in ("first_sum", "second_sum") if name in match.nodes]
    if reason := next(filter(None, reasons), None):
        return Declined(reason=reason)
    transposed = [bool(product.attrs.get("transpose_b")) for product in products]
    if weights[0].shape != weights[1].shape or transposed[0] != transposed[1]:
        return Declined(reason="the weights are of two shapes")
    dtype: dict[str, AttrValue] = {"T": root.attrs["T"]}
    packed: dict[str, AttrValue] = {**dtype, "axis": 0, "N": _BOTH}

    def both(*names: str) -> NewNode:
        return NewNode(name="", op="Pack", inputs=tuple(match.tensors[name] for name in names), attrs=packed)

    inputs = (unpack.inputs[0], both("v", "w"))
    attrs = {**dtype, "adj_x": False, "adj_y": transposed[0]}
    if "c" not in match.tensors:
        return Replacement(root=NewNode(name=root.name, op="BatchMatMulV2", inputs=inputs, attrs=attrs))
    product = NewNode(name="", op="BatchMatMulV2", inputs=inputs, attrs=attrs)
    spread: dict[str, AttrValue] = {**dtype, "Tdim": DType("int32")}
    bias = NewNode(name="", op="ExpandDims", inputs=(both("c", "d"), new_integers(1)), attrs=spread)
    return Replacement(root=NewNode(name=root.name, op="AddV2", inputs=(product, bias), attrs=dtype))


def _taken_apart(graph: Graph, root: Node, *parts: str) -> Node | Declined:
    """What takes x apart, where its two parts are multiplied and put together again as they were."""
    unpack = graph[node_of(parts[0])]
    if unpack.op != "Unpack" or node_of(parts[1]) != unpack.name:
        return Declined(reason="it isn't parts of one tensor that are multiplied", moot=True)
    if len(root.inputs) != _BOTH or unpack.attrs["num"] != _BOTH or [index_of(part) for part in parts] != [0, 1]:
        return Declined(reason="it isn't both parts, in order, of two")
    if root.attrs.get("axis", 0) or unpack.attrs.get("axis", 0):
        return Declined(reason="they are taken apart, or put together, along another dimension than the first")
    return unpack


_PRODUCTS = (
    op("MatMul", any_tensor("a"), constant("v"), name="first"),
    op("MatMul", any_tensor("b"), constant("w"), name="second"),
)
_WHERE = "no wasm is wanted"

RULES = (
    Rule(
        name="products_as_batch",
        equation="Pack(MatMul(x[0], v), MatMul(x[1], w)) -> BatchMatMulV2(x, Pack(v, w))",
        pattern=op("Pack", *_PRODUCTS, name="pack"),
        rewrite=rewrite,
        where=_WHERE,
    ),
    Rule(
        name="products_as_batch_with_bias",
        equation="Pack(MatMul(x[0], v) + c, MatMul(x[1], w) + d) -> BatchMatMulV2(x, Pack(v, w)) + Pack(c, d)",
        pattern=op(
            "Pack",
            op("BiasAdd", _PRODUCTS[0], constant("c"), name="first_sum"),
            op("BiasAdd", _PRODUCTS[1], constant("d"), name="second_sum"),
            name="pack",
        ),
        rewrite=rewrite,
        where=_WHERE,
    ),
)
