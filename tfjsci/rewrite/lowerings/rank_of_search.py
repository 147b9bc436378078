"""ArgMax(x, axis)  ->  Reshape(ArgMax(Reshape(x, [before, axis, behind]), 1));   ArgMin alike

of floats above six dimensions, which the GPU backends don't address.
"""

from __future__ import annotations

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build import Tensor, const, dims, reshape
from tfjsci.rewrite.formulas.fewer_dimensions import again, rows_around
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

LIMIT = 6


def lower(node: Subject) -> Tensor | Declined:
    """The search in three dimensions between Reshapes."""
    x = node.inputs[0]
    if x.rank <= LIMIT:
        return Declined(reason=f"{LIMIT} dimensions aren't too many")
    if not x.floating:
        return Declined(reason=f"it is for floats, this is {x.dtype}")
    given = node.number_in(1)
    if given is None:
        return Declined(reason="the axis isn't constant")
    axis = given % x.rank
    sizes = dims(x)
    rows = rows_around(x, axis)
    found = again(node, [rows, const(1, "int32")], (rows.sizes[0], rows.sizes[2]), Tidx=DType("int32"))
    return reshape(found, [*sizes[:axis], *sizes[axis + 1 :]])


LOWERING = Lowering(
    name="rank_of_search",
    ops=("ArgMax", "ArgMin"),
    equation="ArgMax(x, axis) of more than 6 dimensions → Reshape(ArgMax(Reshape(x, [before, axis, behind]), 1))",
    lower=lower,
)
