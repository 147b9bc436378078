"""Slice(x), StridedSlice(x)  ->  Reshape(StridedSlice(Reshape(x)))

above six dimensions; with steps above four. Neighbouring dimensions that stay whole are one; where more are cut than there is
room for, it is done in several turns.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build import Dim, Tensor, const, dims, make, reshape, size, static
from tfjsci.rewrite.formulas.cuts import NEW, Cut, Layout, slice_cuts, strided_cuts
from tfjsci.rewrite.formulas.dimensions import around, in_steps
from tfjsci.rewrite.formulas.fewer_dimensions import INT, with_groups
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

LIMIT = 6
LIMIT_WITH_STEPS = 4


def lower(node: Subject) -> Tensor | Declined:
    """StridedSlices between Reshapes; the last Reshape takes out what an index chose and puts in new dimensions."""
    x = node.inputs[0]
    given = [node.value(i) for i in range(1, len(node.inputs))]
    known = [[int(n) for n in value.reshape(-1)] for value in given if value is not None]
    if len(known) < len(given):
        return Declined(reason="where it begins and ends isn't constant")
    layout: Layout = tuple(range(x.rank))
    if node.op == "Slice":
        cuts = slice_cuts(known[0], known[1])
    else:
        cuts, layout = strided_cuts(node, known[0], known[1], known[2], x.rank)
    limit = LIMIT_WITH_STEPS if any(cut.step != 1 for cut in cuts) else LIMIT
    if x.rank <= limit:
        return Declined(reason=f"{limit} dimensions aren't too many")
    sizes = dims(x)
    cut_axes = [axis for axis, cut in enumerate(cuts) if not cut.whole(x.sizes[axis])]
    for turn in in_steps(cut_axes, static(sizes), limit):
        groups = around(turn, static(sizes))
        places = {axis: place for place, group in enumerate(groups) for axis in group if axis in turn}
        x = _sliced(with_groups(x, sizes, groups), {places[axis]: cuts[axis] for axis in turn})
        for axis in turn:
            left = cuts[axis].left(static(sizes)[axis])
            sizes[axis] = size(x, places[axis]) if left is None else left
    wanted: list[Dim] = [1 if at == NEW else sizes[int(at)] for at in layout]
    return reshape(x, wanted)


def _sliced(x: Tensor, cuts: dict[int, Cut]) -> Tensor:
    every = [cuts.get(axis, Cut()) for axis in range(x.rank)]
    numbers: Sequence[list[int]] = (
        [cut.begin or 0 for cut in every],
        [cut.end or 0 for cut in every],
        [cut.step for cut in every],
    )
    return make(
        "StridedSlice",
        [x, *(const(np.array(each, np.int32)) for each in numbers)],
        dtype=x.dtype,
        shape=tuple(cut.left(n) for cut, n in zip(every, x.sizes, strict=True)),
        T=DType(x.dtype),
        Index=INT,
        begin_mask=sum((cut.begin is None) << axis for axis, cut in enumerate(every)),
        end_mask=sum((cut.end is None) << axis for axis, cut in enumerate(every)),
        ellipsis_mask=0,
        new_axis_mask=0,
        shrink_axis_mask=0,
    )


LOWERING = Lowering(
    name="rank_of_slice",
    ops=("Slice", "StridedSlice"),
    equation="StridedSlice(x) of more than 6 dimensions (4 with steps) → Reshape(StridedSlice(Reshape(x)))",
    lower=lower,
)
