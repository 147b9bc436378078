"""Sum(x, axes)  ->  Reshape(Sum(Reshape(x)));   Mean, Max, Min, Prod, All, Any alike

above six dimensions. Neighbours that are both summed over are one, neighbours that stay are one; where more than six are left,
each that is summed over has its turn.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Dim, Tensor, dims, product, reduce, reshape
from tfjsci.rewrite.formulas.dimensions import ANY, merged
from tfjsci.rewrite.formulas.fewer_dimensions import whole_axes, with_groups
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

LIMIT = 6


def lower(node: Subject) -> Tensor | Declined:
    """The reduction of fewer dimensions between Reshapes."""
    x = node.inputs[0]
    if x.rank <= LIMIT:
        return Declined(reason=f"{LIMIT} dimensions aren't too many")
    axes = whole_axes(node, 1, x.rank)
    if axes is None:
        return Declined(reason="the axes aren't constant")
    sizes = dims(x)
    keep = node.flag("keep_dims", False)
    left: list[Dim] = [1 if axis in axes else n for axis, n in enumerate(sizes) if keep or axis not in axes]
    groups = merged([ANY if n == 1 else axis in axes for axis, n in enumerate(sizes)])
    gone = [any(axis in axes and sizes[axis] != 1 for axis in group) for group in groups]
    merged_sizes = [product([sizes[axis] for axis in group]) for group in groups]
    if len(groups) <= LIMIT:
        flat = with_groups(x, sizes, groups)
        return reshape(reduce(node.op, flat, [i for i, each in enumerate(gone) if each]), left)
    for i in reversed([i for i, each in enumerate(gone) if each]):  # the last first: those before keep their places
        rows = reshape(x, [product(merged_sizes[:i]), merged_sizes[i], product(merged_sizes[i + 1 :])])
        x = reduce(node.op, rows, [1])
        del merged_sizes[i]
    return reshape(x, left)


LOWERING = Lowering(
    name="rank_of_reduction",
    ops=("All", "Any", "Max", "Mean", "Min", "Prod", "Sum"),
    equation="Sum(x, axes) of more than 6 dimensions → Reshape(Sum(Reshape(x)))",
    lower=lower,
)
