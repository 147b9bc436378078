"""Reshape(x, shape computed from x)  ->  Reshape(x, constant)

where every size of the result is known but at most one, which becomes -1. Flatten, attention heads and tensordot compute
the batch size at run time; the runtime would read it back from the GPU for that.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Constant, DType
from tfjsci.rewrite.formulas.shape_vector import sizes_in
from tfjsci.rewrite.pattern import Match, any_tensor, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule


def rewrite(match: Match) -> Replacement | Declined:
    """The known shape as a constant; what computed it is pruned if nobody else reads it."""
    if match.graph.constant(match.tensors["shape"]) is not None:
        return Declined(reason="its shape is a constant already")
    known = _known(match)
    if known is None:
        return Declined(reason="the rank of the result isn't known")
    unknown = sum(size is None for size in known)
    if unknown > 1:
        return Declined(reason=f"{unknown} sizes of the result aren't known, -1 can stand for one")
    if unknown and 0 in known:
        return Declined(reason="the result is empty: -1 would be ambiguous")
    shape = np.array([-1 if size is None else size for size in known], dtype=np.int32)
    sizes = NewConst(name=f"{match.root.name}/shape", constant=Constant(value=shape))
    return Replacement(
        root=NewNode(
            name=match.root.name,
            op="Reshape",
            inputs=(match.tensors["x"], sizes),
            attrs={"T": match.root.attrs["T"], "Tshape": DType("int32")},
        )
    )


def _known(match: Match) -> list[int | None] | None:
    """What inference knows of the result, or else what its shape is computed from tells."""
    inferred = match.graph.type_of(match.root.name)
    if inferred is not None and inferred.shape is not None and sum(size is None for size in inferred.shape) < 2:
        return list(inferred.shape)
    computed = sizes_in(match.graph, match.tensors["shape"])
    if computed is not None:
        return [None if size == -1 else size for size in computed]
    return None if inferred is None or inferred.shape is None else list(inferred.shape)


RULE = Rule(
    name="static_reshape",
    equation="Reshape(x, f(shape of x)) -> Reshape(x, constant)",
    pattern=op("Reshape", any_tensor("x"), any_tensor("shape"), name="reshape"),
    rewrite=rewrite,
)
