"""Split(x, axis)  ->  Reshape(Split(Reshape(x, [before, axis, behind]), 1));   SplitV and Unpack alike

above six dimensions, which is all that the GPU backends slice.
"""

from __future__ import annotations

from tfjsci.graph.graph import DType, Shape
from tfjsci.rewrite.build import Dim, Tensor, const, dims, make_many, reshape, size, unstack
from tfjsci.rewrite.formulas.fewer_dimensions import rows_around
from tfjsci.rewrite.lowering import Lowering, Outputs, Subject
from tfjsci.rewrite.rule import Declined

LIMIT = 6


def lower(node: Subject) -> Outputs | Declined:
    """The parts of three dimensions, each between Reshapes."""
    x = node.inputs[1 if node.op == "Split" else 0]
    if x.rank <= LIMIT:
        return Declined(reason=f"{LIMIT} dimensions aren't too many")
    given = node.number("axis", 0) if node.op == "Unpack" else node.number_in(0 if node.op == "Split" else 2)
    if given is None:
        return Declined(reason="the axis isn't constant")
    axis = given % x.rank
    before, behind = dims(x)[:axis], dims(x)[axis + 1 :]
    rows = rows_around(x, axis)
    if node.op == "Unpack":
        return tuple(reshape(part, [*before, *behind]) for part in unstack(rows, 1))
    return tuple(
        reshape(part, [*before, _length(node, part, axis, i), *behind]) for i, part in enumerate(_parts(node, rows))
    )


def _parts(node: Subject, rows: Tensor) -> tuple[Tensor, ...]:
    count = node.number("num_split", 1)
    first, _, last = rows.sizes
    whole = rows.sizes[1]
    if node.op == "Split":
        shape: Shape = (first, None if whole is None else whole // count, last)
        types = [(rows.dtype, shape)] * count
        return make_many("Split", [const(1, "int32"), rows], types, num_split=count, T=DType(rows.dtype))
    sizes = node.inputs[1]
    types = [(rows.dtype, (first, None, last))] * count
    inputs = [rows, sizes, const(1, "int32")]
    return make_many("SplitV", inputs, types, num_split=count, T=DType(rows.dtype), Tlen=DType(sizes.dtype))


def _length(node: Subject, part: Tensor, axis: int, index: int) -> Dim:
    known = node.output(index)
    if known is not None and known.shape is not None:
        length = known.shape[axis]
        if length is not None:
            return length
    return size(part, 1)


LOWERING = Lowering(
    name="rank_of_parts",
    ops=("Split", "SplitV", "Unpack"),
    equation="Split(x, axis) of more than 6 dimensions → Reshape(Split(Reshape(x, [before, axis, behind]), 1))",
    lower=lower,
)
