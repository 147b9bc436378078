"""y = x * s, MatMul(y, w), MatMul(y, v)  ->  MatMul(x * s, w), MatMul(x * s, v);   x + t likewise

where products with kernels are all that reads y: each gets one of its own, which other rules fold into its kernel and its bias.
So go the gain and the offset of the layer norm before queries, keys and values.
"""

from __future__ import annotations

from tfjsci.graph.graph import Constant, Graph, Node, node_of, normal
from tfjsci.rewrite.affine import ADDITIONS, along_channels, flat, stretched, too_large_a_shift
from tfjsci.rewrite.channels import input_channels, not_linear, out_of_range, per_channel, scaled_inputs
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op, ops_in
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule, Source, kept

SHIFTING = ops_in(ADDITIONS)


def rewrite(match: Match) -> Replacement | Declined:
    """The product with an operand of its own."""
    graph, product = match.graph, match.root
    affine = graph[node_of(match.tensors["y"])]
    if affine.op not in ("Mul", *SHIFTING) or normal(match.tensors["y"]) != affine.name or affine.control:
        return Declined(reason="its operand isn't scaled or shifted", moot=True)
    readers = graph.readers[affine.name]
    if len(readers) < 2:
        return Declined(reason="it has its operand for itself", moot=True)
    constants = [graph.constant(tensor) for tensor in affine.inputs]
    if sum(each is not None for each in constants) != 1 or affine.name in map(node_of, graph.outputs):
        return Declined(reason="its operand isn't scaled or shifted by a constant, or is an output", moot=True)
    (i,) = (i for i, each in enumerate(constants) if each is not None)
    x, by = affine.inputs[1 - i], constants[i]
    assert by is not None
    if reason := stretched(graph, x, by.value):
        return Declined(reason=reason)
    for reader in readers:
        if reason := _folds(graph, reader, affine, by):
            return Declined(reason=f"{reader.op} {reader.name} reads its operand, too: {reason}")
    own = NewNode(name=affine.name, op=affine.op, inputs=affine.inputs, attrs=kept(affine))
    inputs: tuple[Source, ...] = (own, *product.inputs[1:])
    return Replacement(root=NewNode(name=product.name, op=product.op, inputs=inputs, attrs=kept(product)))


def _folds(graph: Graph, reader: Node, affine: Node, by: Constant) -> str | None:
    """Why the reader couldn't take the constant into its kernel or its bias, or None if it can."""
    kernel = graph.constant(reader.inputs[1]) if reader.op == "MatMul" else None
    if kernel is None or normal(reader.inputs[0]) != affine.name:
        return "it isn't a product with a kernel"
    if reason := not_linear(reader, kernel.value):
        return reason
    factor = per_channel(flat(by.value), input_channels(reader, kernel.value), 2) if along_channels(by.value) else None
    if factor is None:
        return "the constant isn't one number for each channel"
    if affine.op in SHIFTING:
        return too_large_a_shift(factor)
    return out_of_range(kernel.value, scaled_inputs(reader, kernel.value, factor), factor)


RULE = Rule(
    name="affine_for_each",
    equation="y = x * s, MatMul(y, w), MatMul(y, v) -> MatMul(x * s, w), MatMul(x * s, v)",
    pattern=op("MatMul", any_tensor("y"), constant("kernel"), name="product"),
    rewrite=rewrite,
    where="products with kernels that can take s in are all that reads y; x + t likewise",
)
