"""Reverse(x, axes)  ->  Reshape(Reverse(Reshape(x)))

above four dimensions. Neighbours that are both reversed are one dimension reversed, neighbours that stay are one that stays;
where more than four are left, each reversed one has its turn.
"""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.build import Tensor, dims, reshape, reverse
from tfjsci.rewrite.formulas.dimensions import ANY, merged
from tfjsci.rewrite.formulas.fewer_dimensions import whole_axes, with_groups
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

LIMIT = 4


def lower(node: Subject) -> Tensor | Declined:
    """ReverseV2 between Reshapes."""
    x = node.inputs[0]
    if x.rank <= LIMIT:
        return Declined(reason=f"{LIMIT} dimensions aren't too many")
    axes = _flagged(node) if node.op == "Reverse" else whole_axes(node, 1, x.rank)
    if axes is None:
        return Declined(reason="the axes aren't constant")
    sizes = dims(x)
    groups = merged([ANY if n == 1 else axis in axes for axis, n in enumerate(sizes)])
    backwards = [group for group in groups if any(axis in axes and sizes[axis] != 1 for axis in group)]
    if len(groups) <= LIMIT:
        turned = with_groups(x, sizes, groups)
        x = reverse(turned, *(groups.index(group) for group in backwards)) if backwards else turned
        return reshape(x, sizes)
    for group in backwards:
        around = (tuple(range(group[0])), group, tuple(range(group[-1] + 1, len(sizes))))
        x = reverse(with_groups(x, sizes, around), 1)
    return reshape(x, sizes)


def _flagged(node: Subject) -> list[int] | None:
    value = node.value(1)
    return None if value is None else [int(axis) for axis in np.flatnonzero(value)]


LOWERING = Lowering(
    name="rank_of_reverse",
    ops=("Reverse", "ReverseV2"),
    equation="Reverse(x, axes) of more than 4 dimensions → Reshape(Reverse(Reshape(x)))",
    lower=lower,
)
