"""(x y) * c  ->  (x * c) y

where c is one number and x, or else y, comes from a kernel that takes it in, through nothing but Reshapes and Transposes: the
1/√d of attention scores ends in the projection of the queries.
"""

from __future__ import annotations

from tfjsci.graph.graph import Graph, Node, node_of
from tfjsci.rewrite.affine import ADDITIONS
from tfjsci.rewrite.channels import WEIGHTED
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op, ops_in
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule, Source, kept

MOVING = ("Reshape", "Transpose")
SHIFTING = ops_in(ADDITIONS)
KERNELS = ops_in(WEIGHTED)


def rewrite(match: Match) -> Replacement | Declined:
    """The factor before what moves the kernel's result around, where other rules fold it."""
    product, factor = match.nodes["product"], match.value("factor").value
    if factor.size != 1 or factor.ndim:
        return Declined(reason=f"the factor's shape is {factor.shape}, it isn't one number")
    for i in range(2):
        scaled = _scaled(match, product.inputs[i])
        if scaled is not None:
            inputs = tuple(scaled if j == i else tensor for j, tensor in enumerate(product.inputs))
            return Replacement(root=NewNode(name=match.root.name, op=product.op, inputs=inputs, attrs=kept(product)))
    return Declined(reason="neither operand comes from a kernel that could take the factor in", moot=True)


def _scaled(match: Match, tensor: str) -> Source | None:
    """The operand anew, with the factor behind the kernel that it comes from."""
    graph = match.graph
    above: list[Node] = []
    node = graph[node_of(tensor)]
    while node.op in MOVING:
        above.append(node)
        node = graph[node_of(node.inputs[0])]
    if not _from_kernel(graph, node) or not all(_read_once(graph, each) for each in (node, *above)):
        return None
    scaled: Source = NewNode(
        name="", op="Mul", inputs=(node.name, match.tensors["factor"]), attrs={"T": match.root.attrs["T"]}
    )
    for moved in reversed(above):
        scaled = NewNode(name="", op=moved.op, inputs=(scaled, moved.inputs[1]), attrs=kept(moved))
    return scaled


def _from_kernel(graph: Graph, node: Node) -> bool:
    """Whether it is a kernel's product, or one with a constant added."""
    if node.op in SHIFTING:
        ends = [tensor for tensor in node.inputs if graph.constant(tensor) is None]
        if len(ends) != 1:
            return False
        inner = graph[node_of(ends[0])]
        return inner.op in KERNELS and _from_kernel(graph, inner) and _read_once(graph, inner)
    return node.op in KERNELS and graph.constant(node.inputs[1]) is not None


def _read_once(graph: Graph, node: Node) -> bool:
    """Whether one node alone reads it: nothing is computed twice, and nobody else sees it scaled."""
    outputs = map(node_of, graph.outputs)
    return len(graph.readers.get(node.name, ())) == 1 and node.name not in outputs and not node.control


RULE = Rule(
    name="scale_before_product",
    equation="(x y) * c -> (x * c) y",
    pattern=op(
        "Mul",
        op("BatchMatMul|BatchMatMulV2", any_tensor("x"), any_tensor("y"), name="product"),
        constant("factor"),
        name="mul",
        either_order=True,
    ),
    rewrite=rewrite,
    where="x (or else y) comes from a kernel that takes c in, through Reshapes and Transposes alone",
)
