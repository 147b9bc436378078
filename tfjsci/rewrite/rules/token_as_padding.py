"""ConcatV2(BroadcastTo(t, s), x) + p  ->  Pad(x) + (p + Pad(t))

where t and p are constants: the class token of a vision transformer, put before or behind the patches of each image, and the
positions added to all. What broadcasts over the batch reads its size, which the runtime would have to fetch; a Pad doesn't.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Array, Constant, DType, Graph, Node, node_of
from tfjsci.rewrite.channels import made_of, weight_name
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, kept
from tfjsci.rewrite.symbolic.sizes import sizes_of

SPREADING = ("BroadcastTo", "Tile")


def rewrite(match: Match) -> Replacement | Declined:
    """Zeros where the token goes, and the token in what is added."""
    graph, concat, addend = match.graph, match.nodes["concat"], match.value("addend")
    if len(concat.inputs) != 3:
        return Declined(reason="more than two are put together")
    sides = [_spread(graph, tensor) for tensor in concat.inputs[:2]]
    if (sides[0] is None) == (sides[1] is None):
        return Declined(reason="not one of the two is a constant that is spread", moot=True)
    first = sides[0] is not None
    token = sides[0] or sides[1]
    assert token is not None
    x, spread = (concat.inputs[1], concat.inputs[0]) if first else (concat.inputs[0], concat.inputs[1])
    sizes = sizes_of(graph)
    around, own = sizes.shape(x), sizes.shape(spread)
    if around is None or own is None or len(around) != len(own):
        return Declined(reason="the shapes aren't known")
    axis = int(match.value("axis").value) % len(own)
    before, after = own[axis], around[axis]
    if not isinstance(before, int) or not isinstance(after, int):
        return Declined(reason="how many are put together isn't known")
    padding = np.zeros((len(own), 2), np.int32)
    padding[axis, 0 if first else 1] = before
    total = _added(token.value, addend.value, padding, axis, (before, after))
    if total is None:
        return Declined(reason="the token or what is added isn't the same for all that it is spread over")
    name = weight_name(addend, match.tensors["addend"])
    padded = NewNode(
        name=concat.name,
        op="Pad",
        inputs=(x, NewConst(name="", constant=Constant(value=padding))),
        attrs={"T": match.root.attrs["T"], "Tpaddings": DType("int32")},
    )
    shift = NewConst(name=name, constant=Constant(value=total, sources=made_of(addend, token)))
    return Replacement(
        root=NewNode(name=match.root.name, op=match.root.op, inputs=(padded, shift), attrs=kept(match.root))
    )


def _spread(graph: Graph, tensor: str) -> Constant | None:
    """The constant that the tensor is, spread over other dimensions."""
    node: Node = graph[node_of(tensor)]
    return graph.constant(node.inputs[0]) if node.op in SPREADING else None


def _added(token: Array, addend: Array, padding: Array, axis: int, counts: tuple[int, int]) -> Array | None:
    """p + Pad(t), both with sizes of 1 in front of the axis; None where they aren't."""
    rank, (many, rest) = len(padding), counts
    if max(token.ndim, addend.ndim) > rank:
        return None
    token, addend = (value.reshape((1,) * (rank - value.ndim) + value.shape) for value in (token, addend))
    if {*token.shape[:axis], *addend.shape[:axis]} - {1}:
        return None
    if token.shape[axis] not in (1, many) or addend.shape[axis] not in (1, many + rest):
        return None
    try:
        last = np.broadcast_shapes(token.shape[axis + 1 :], addend.shape[axis + 1 :])
    except ValueError:
        return None
    head = (1,) * axis
    whole = np.zeros((*head, many + rest, *last), addend.dtype)
    part = [slice(None)] * rank
    part[axis] = slice(0, many) if padding[axis, 0] else slice(rest, None)
    whole[tuple(part)] = token
    whole += addend
    if addend.size < whole.size and addend.shape[axis] == 1:
        return None  # one row for all: written out for each, it would only grow
    return whole


RULE = Rule(
    name="token_as_padding",
    equation="ConcatV2(BroadcastTo(t, s), x) + p -> Pad(x) + (p + Pad(t))",
    pattern=op(
        "AddV2|Add",
        op("ConcatV2", any_tensor("first"), any_tensor("second"), constant("axis"), name="concat"),
        constant("addend"),
        name="add",
        either_order=True,
    ),
    rewrite=rewrite,
    where="t and p are constants",
)
