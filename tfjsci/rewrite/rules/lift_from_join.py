"""f(ConcatV2(linear_1, …, linear_n), c)  ->  ConcatV2(f(linear_1, c_1), …, f(linear_n, c_n))

along the channels, where f is batch norm, a bias or an activation: a convolution in groups is lowered to one for each
group, and what follows it can be fused with each. Only where every part is made by a kernel, and read here alone: f costs
nothing then.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Array, Constant, Node, node_of
from tfjsci.rewrite.affine import ADDITIONS, along_channels, flat
from tfjsci.rewrite.channels import LINEAR, not_linear, other_axis, output_channels
from tfjsci.rewrite.passing import only_reader
from tfjsci.rewrite.pattern import Match, constant, op, ops_in
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, Source, kept

ACTIVATIONS = "Elu|LeakyRelu|Relu|Relu6|Sigmoid"
"""What can be fused: others may as well stay."""


def rewrite(match: Match) -> Replacement | Declined:
    """f of each part, and the ConcatV2 behind."""
    f, join = match.root, match.nodes["join"]
    *parts, axis = join.inputs
    if reason := _not_along_channels(match, axis):
        return Declined(reason=reason)
    channels = [_channels(match, part) for part in parts]
    counts = [count for count in channels if count is not None]
    if len(counts) != len(parts):
        return Declined(reason="a part isn't made by a kernel, or others read it")
    if "c" in match.tensors:
        value = match.value("c").value
        if not along_channels(value) or value.ndim > _rank(match) or value.size not in (1, sum(counts)):
            return Declined(reason=f"the constant's shape {value.shape} isn't one number for each channel")
        if f.op == "BiasAdd" and f.inputs[0] != join.name:
            return Declined(reason="it is the bias that is joined")
        if reason := other_axis(f):
            return Declined(reason=reason)
    made: list[Source] = []
    for part, constants in zip(parts, _split(match, counts), strict=True):
        operands: tuple[Source, ...] = (part,)
        if constants is not None:
            operands = (part, NewConst(name=match.tensors["c"], constant=constants))
        made.append(NewNode(name="", op=f.op, inputs=operands, attrs=kept(f)))
    return Replacement(root=NewNode(name=f.name, op=join.op, inputs=(*made, axis), attrs=kept(join)))


def _rank(match: Match) -> int:
    """Of what is joined: a constant of more dimensions would lift the result."""
    known = match.graph.type_of(match.nodes["join"].name)
    return len(known.shape) if known is not None and known.shape is not None else 0


def _not_along_channels(match: Match, axis: str) -> str | None:
    along, known = match.graph.constant(axis), match.graph.type_of(match.nodes["join"].name)
    if along is None or known is None or known.shape is None:
        return "the axis or the rank isn't known"
    return (
        None
        if int(along.value.reshape(-1)[0]) % len(known.shape) == len(known.shape) - 1
        else "it joins along another axis"
    )


def _channels(match: Match, part: str) -> int | None:
    """How many channels a part has, if a kernel makes it, with or without a bias, for the ConcatV2 alone."""
    node: Node = match.graph[node_of(part)]
    reader = only_reader(match.graph, node.name)
    if reader is None or reader.name != match.nodes["join"].name:
        return None
    if node.op == "BiasAdd" and only_reader(match.graph, node_of(node.inputs[0])) is not None:
        node = match.graph[node_of(node.inputs[0])]
    if node.op not in ops_in(LINEAR):
        return None
    kernel = match.graph.constant(node.inputs[1])
    if kernel is None or not_linear(node, kernel.value):
        return None
    return output_channels(node, kernel.value)


def _split(match: Match, counts: list[int]) -> list[Constant | None]:
    """The constant's part for each operand."""
    if "c" not in match.tensors:
        return [None] * len(counts)
    given = match.value("c")
    value = np.broadcast_to(flat(given.value), (sum(counts),))
    pieces: list[Array] = np.split(value, np.cumsum(counts)[:-1])
    return [Constant(value=np.array(piece), sources=given.sources) for piece in pieces]


_JOIN = op("ConcatV2", name="join")

RULES = (
    Rule(
        name="lift_from_join",
        equation="f(ConcatV2(linears)) -> ConcatV2(f(linears))",
        pattern=op(ACTIVATIONS, _JOIN, name="f"),
        rewrite=rewrite,
        where="it joins along the channels, and every part is made by a kernel",
    ),
    Rule(
        name="lift_from_join_with_constant",
        equation="f(ConcatV2(linears), c) -> ConcatV2(f(linears, parts of c))",
        pattern=op(f"Mul|{ADDITIONS}", _JOIN, constant("c"), name="f", either_order=True),
        rewrite=rewrite,
        where="it joins along the channels, and every part is made by a kernel",
    ),
)
