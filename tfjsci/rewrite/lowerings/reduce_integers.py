"""Sum(x, axes) of integers  ->  Sum(Transpose(x)) over the last dimensions; and Max, Min, Prod, All, Any, ArgMax, ArgMin

webgpu does this with integers and bools along the last dimensions only. Leading dimensions become the first of a matrix,
which it can do; others are brought to the end by a Transpose, which is lowered in turn.
"""

from __future__ import annotations

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build import Dim, Tensor, const, dims, make, move, product, reduce, reshape, transpose
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """A Transpose or Reshape, the op, and a Reshape where dimensions of 1 are kept."""
    x, given = node.inputs
    if x.dtype != "bool" and not x.integer:
        return Declined(reason=f"it is for integers and bools, this is {x.dtype}")
    if given.value is None:
        return Declined(reason="the axes aren't constant")
    axes = sorted({int(axis) % x.rank for axis in given.value.reshape(-1)})
    last = list(range(x.rank - len(axes), x.rank))
    if x.rank < 3 or [int(axis) % x.rank for axis in given.value.reshape(-1)] == last:
        return Declined(reason="its dimensions are the last ones already")
    if node.op.startswith("Arg"):
        return _position(node, move(x, axes[0], -1))
    rest = [axis for axis in range(x.rank) if axis not in axes]
    sizes = dims(x)
    if axes == list(range(len(axes))):
        rows = reshape(x, [product(sizes[: len(axes)]), product(sizes[len(axes) :])])
        whole = reduce(node.op, rows, [0])
    else:
        whole = reduce(node.op, transpose(x, [*rest, *axes]), last)
    keep = node.flag("keep_dims", False)
    shape: list[Dim] = [1 if axis in axes else n for axis, n in enumerate(sizes) if keep or axis not in axes]
    return reshape(whole, shape)


def _position(node: Subject, x: Tensor) -> Tensor:
    found = node.dtype_attr("output_type") or "int64"
    return make(
        node.op,
        [x, const(x.rank - 1)],
        dtype=found,
        shape=x.sizes[:-1],
        T=DType(x.dtype),
        Tidx=DType("int32"),
        output_type=DType(found),
    )


LOWERING = Lowering(
    name="reduce_integers",
    ops=("Sum", "Max", "Min", "Prod", "All", "Any", "ArgMax", "ArgMin"),
    equation="Sum(x) of integers → Sum(Transpose(x)) over the last dimensions",
    lower=lower,
    limits="The axes must be constant.",
)
