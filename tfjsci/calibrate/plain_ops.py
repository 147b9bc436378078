"""A graph that TensorFlow can run, and whose weights are multiplied as they are stored: fused ops taken apart, in functions too.

What is made of weights before a product (``rewrite/of_weights.py``) is done to what that makes instead, so that it can be told
what each weight is multiplied with:

    x (w · c) = (x w) · c;    x w[…, k] = (x w)[…, k];    x Pack(v, w) = Pack(x[0] v, x[1] w)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from tfjsci.graph.graph import AttrValue, Graph, Node, node_of, normal
from tfjsci.graph.unfused import rank_of
from tfjsci.rewrite.of_weights import is_of_weights
from tfjsci.rewrite.unfused import unfused

_PRODUCTS = frozenset({"MatMul", "BatchMatMulV2"})
_BATCH = 3
"""Dimensions of several matrices."""


def plain_ops(graph: Graph) -> Graph:
    """The same graph without fused ops; the types of the tensors that there were are kept. Raises ``NotComputable``."""
    functions = {name: replace(body, graph=plain_ops(body.graph)) for name, body in graph.functions.items()}
    apart = unfused(graph).with_types(graph.types)
    while (changed := _with_one_less(apart)) is not None:
        apart = changed
    return apart.with_functions(functions)


def _with_one_less(graph: Graph) -> Graph | None:
    """The graph with what was made of weights taken behind each product of one kind; None where there is nothing left."""
    nodes: list[Node] = []
    changed = False
    for node in graph.nodes:
        made = _product_first(graph, node)
        changed = changed or made is not None
        nodes += made if made is not None else (node,)
    if not changed:
        return None
    kept = Graph(nodes=tuple(nodes), outputs=graph.outputs, constants=graph.constants, functions=graph.functions)
    return kept.pruned().with_types({name: known for name, known in graph.types.items() if node_of(name) in kept})


def _product_first(graph: Graph, node: Node) -> tuple[Node, ...] | None:
    """What takes the product's place, its node last; None where its weight is as it was stored, or made in another way."""
    if node.op not in _PRODUCTS or node.attrs.get("transpose_b") or node.attrs.get("adj_y"):
        return None
    made = graph[node_of(node.inputs[1])]
    known = _MADE.get(made.op)
    return known(graph, node, made) if known is not None and is_of_weights(graph, made.name) else None


def _scaled(graph: Graph, node: Node, made: Node) -> tuple[Node, ...] | None:
    """Of Mul(w, c): c is one number for each column."""
    factor = graph.constant(made.inputs[1])
    if factor is None or factor.value.ndim > 1:
        return None
    product = replace(node, name=f"{node.name}/unscaled", inputs=(node.inputs[0], made.inputs[0]))
    return product, replace(made, name=node.name, inputs=(product.name, made.inputs[1]), origin=node.origin)


def _cut(graph: Graph, node: Node, made: Node) -> tuple[Node, ...] | None:
    """Of a Slice of columns: the weight has as many dimensions as the product."""
    begin, size = (graph.constant(tensor) for tensor in made.inputs[1:3])
    if begin is None or size is None or begin.value.size != rank_of(graph, node.inputs[0]):
        return None
    if begin.value[:-1].any() or (size.value[:-1] != -1).any():
        return None
    product = replace(node, name=f"{node.name}/whole", inputs=(node.inputs[0], made.inputs[0]))
    return product, replace(made, name=node.name, inputs=(product.name, *made.inputs[1:]), origin=node.origin)


def _parts(graph: Graph, node: Node, made: Node) -> tuple[Node, ...] | None:
    """Of Pack(v, w): each is multiplied with one of the matrices."""
    if made.attrs.get("axis", 0) or node.attrs.get("adj_x") or rank_of(graph, node.inputs[0]) != _BATCH:
        return None
    if any(rank_of(graph, weight) != _BATCH - 1 for weight in made.inputs):
        return None
    dtype, name = node.attrs["T"], node.name
    taken: dict[str, AttrValue] = {"T": dtype, "axis": 0, "num": len(made.inputs)}
    unpack = Node(name=f"{name}/parts", op="Unpack", inputs=node.inputs[:1], attrs=taken, origin=node.origin)
    plain: dict[str, AttrValue] = {"T": dtype, "transpose_a": False, "transpose_b": False}
    products = tuple(
        Node(
            name=f"{name}/product_{i}",
            op="MatMul",
            inputs=(normal(f"{unpack.name}:{i}"), weight),
            attrs=plain,
            origin=node.origin,
        )
        for i, weight in enumerate(made.inputs)
    )
    pack = replace(made, name=name, inputs=tuple(each.name for each in products), origin=node.origin)
    return unpack, *products, pack


_MADE: Mapping[str, Callable[[Graph, Node, Node], tuple[Node, ...] | None]] = {
    "Mul": _scaled,
    "Pack": _parts,
    "Slice": _cut,
}
