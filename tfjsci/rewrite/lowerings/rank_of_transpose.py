"""Transpose(x, order)  ->  Reshape(Transpose(Reshape(x)))

above six dimensions. Those that stay neighbours are one, those of size 1 go along; where more than six are left, one
transposition after another brings two together that belong together.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, dims, product, reshape, static, transpose
from tfjsci.rewrite.formulas.dimensions import merged_permutation, permutation_steps
from tfjsci.rewrite.formulas.fewer_dimensions import whole_axes, with_groups
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

LIMIT = 6


def lower(node: Subject) -> Tensor | Declined:
    """A Transpose, seldom two, between Reshapes."""
    x = node.inputs[0]
    if x.rank <= LIMIT:
        return Declined(reason=f"{LIMIT} dimensions aren't too many")
    order = whole_axes(node, 1, x.rank)
    if order is None:
        return Declined(reason="the order of the dimensions isn't constant")
    sizes = dims(x)
    whole = [sizes[axis] for axis in order]
    groups, permutation = merged_permutation(order, static(sizes))
    moving = [product([sizes[axis] for axis in group]) for group in groups]
    for step in permutation_steps(permutation, LIMIT):
        blocks, moved = merged_permutation(step, (2,) * len(moving))
        x = transpose(with_groups(x, moving, blocks), moved)
        moving = [moving[i] for i in step]
    return reshape(x, whole)


LOWERING = Lowering(
    name="rank_of_transpose",
    ops=("Transpose",),
    equation="Transpose(x, order) of more than 6 dimensions → Reshape(Transpose(Reshape(x)))",
    lower=lower,
)
