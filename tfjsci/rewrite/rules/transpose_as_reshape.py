"""Transpose(x, p)  ->  Reshape(x, its shape)

where p moves nothing but dimensions of size 1: the numbers stay where they are, and a Reshape costs nothing.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Constant, DType
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.permuted import order_of
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule


def rewrite(match: Match) -> Replacement | Declined:
    """A Reshape to the inferred shape, where at most one size is unknown."""
    root = match.root
    order, known = order_of(match.graph, root), match.graph.type_of(root.inputs[0])
    assert order is not None
    if known is None or known.shape is None:
        return Declined(reason="the shape isn't known")
    moved = [axis for axis in order if known.shape[axis] != 1]
    if moved != sorted(moved):
        return Declined(reason="it moves dimensions of more than one value", moot=True)
    shape = [known.shape[axis] for axis in order]
    if shape.count(None) > 1 or (None in shape and 0 in shape):
        return Declined(reason="more sizes than one aren't known")
    sizes = np.array([-1 if size is None else size for size in shape], np.int32)
    return Replacement(
        root=NewNode(
            name=root.name,
            op="Reshape",
            inputs=(root.inputs[0], NewConst(name=f"{root.name}/shape", constant=Constant(value=sizes))),
            attrs={"T": root.attrs["T"], "Tshape": DType("int32")},
        )
    )


RULE = Rule(
    name="transpose_as_reshape",
    equation="Transpose(x, p) -> Reshape(x, its shape)",
    pattern=op("Transpose", any_tensor("x"), constant("order"), name="transpose"),
    rewrite=rewrite,
    where="p moves sizes of 1 only",
)
