"""Reshape(x, shape computed from x)  ->  Reshape(x, constant)

where inference knows every size of the result but at most one, which becomes -1. Flatten and attention heads compute
the batch size at run time; the runtime would read it back from the GPU for that.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Constant, DType
from tfjsci.rewrite.pattern import Match, any_tensor, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule


def rewrite(match: Match) -> Replacement | Declined:
    """The inferred shape as a constant; what computed it is pruned if nobody else reads it."""
    if match.graph.constant(match.tensors["shape"]) is not None:
        return Declined(reason="its shape is a constant already")
    known = match.graph.type_of(match.root.name)
    if known is None or known.shape is None:
        return Declined(reason="the rank of the result isn't known")
    unknown = sum(size is None for size in known.shape)
    if unknown > 1:
        return Declined(reason=f"{unknown} sizes of the result aren't known, -1 can stand for one")
    if unknown and 0 in known.shape:
        return Declined(reason="the result is empty: -1 would be ambiguous")
    shape = np.array([-1 if size is None else size for size in known.shape], dtype=np.int32)
    sizes = NewConst(name=f"{match.root.name}/shape", constant=Constant(value=shape))
    return Replacement(
        root=NewNode(
            name=match.root.name,
            op="Reshape",
            inputs=(match.tensors["x"], sizes),
            attrs={"T": match.root.attrs["T"], "Tshape": DType("int32")},
        )
    )


RULE = Rule(
    name="static_reshape",
    equation="Reshape(x, f(shape of x)) -> Reshape(x, constant)",
    pattern=op("Reshape", any_tensor("x"), any_tensor("shape"), name="reshape"),
    rewrite=rewrite,
)
