"""Reshape(x, shape computed from x)  ->  Reshape(x, constant)

where every size of the result is known but at most one, which becomes -1. Flatten, attention heads and tensordot compute
the batch size at run time; the runtime would read it back from the GPU for that. Where more are open, but the Reshape only takes
out or puts in dimensions of 1, it is a Squeeze or an ExpandDims, and nothing at all where it gives the shape that is there.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Constant, DType
from tfjsci.rewrite.new_integers import new_integers
from tfjsci.rewrite.pattern import Match, any_tensor, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule
from tfjsci.rewrite.symbolic.asked import Dims
from tfjsci.rewrite.symbolic.sizes import sizes_of

INT = DType("int32")


def rewrite(match: Match) -> Replacement | Declined:
    """The known shape as a constant; what computed it is pruned if nobody else reads it."""
    if match.graph.constant(match.tensors["shape"]) is not None:
        return Declined(reason="its shape is a constant already", moot=True)
    sizes = sizes_of(match.graph)
    known = sizes.shape(match.root.name)
    if known is None:
        return Declined(reason="the rank of the result isn't known")
    unknown = sum(not isinstance(size, int) for size in known)
    if unknown > 1:
        return _moved_ones(match, sizes.shape(match.tensors["x"]), known) or Declined(
            reason=f"{unknown} sizes of the result aren't known, -1 can stand for one"
        )
    if unknown and 0 in known:
        return Declined(reason="the result is empty: -1 would be ambiguous")
    shape = np.array([size if isinstance(size, int) else -1 for size in known], dtype=np.int32)
    constant = NewConst(name=f"{match.root.name}/shape", constant=Constant(value=shape))
    return Replacement(
        root=NewNode(
            name=match.root.name,
            op="Reshape",
            inputs=(match.tensors["x"], constant),
            attrs={"T": match.root.attrs["T"], "Tshape": INT},
        )
    )


def _moved_ones(match: Match, before: Dims | None, after: Dims) -> Replacement | None:
    """Without a Reshape, if only one dimension of 1 comes, or some of them go, or nothing changes."""
    if before is None or [n for n in before if n != 1] != [n for n in after if n != 1]:
        return None
    x, dtype = match.tensors["x"], match.root.attrs["T"]
    if before == after:
        return Replacement(root=NewNode(name="", op="Identity", inputs=(x,), attrs={"T": dtype}))
    if 1 not in after:
        gone = tuple(axis for axis, size in enumerate(before) if size == 1)
        return Replacement(root=NewNode(name="", op="Squeeze", inputs=(x,), attrs={"T": dtype, "squeeze_dims": gone}))
    if len(after) == len(before) + 1:
        place = next(axis for axis, size in enumerate(after) if size != (*before, None)[axis])
        if (*before[:place], 1, *before[place:]) != after:
            return None
        at = new_integers(place)
        return Replacement(root=NewNode(name="", op="ExpandDims", inputs=(x, at), attrs={"T": dtype, "Tdim": INT}))
    return None


RULE = Rule(
    name="static_reshape",
    equation="Reshape(x, f(shape of x)) -> Reshape(x, constant)",
    pattern=op("Reshape", any_tensor("x"), any_tensor("shape"), name="reshape"),
    rewrite=rewrite,
    where="at most one size is open, or only dimensions of 1 come or go",
)
