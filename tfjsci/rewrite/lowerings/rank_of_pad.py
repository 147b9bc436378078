"""Pad(x, paddings)  ->  Reshape(Pad(Reshape(x)))

above four dimensions. Neighbouring dimensions that aren't padded are one; where more are padded than four leave room for, it
is done in several turns. Padding along one dimension doesn't see the others, be it with a value or as a mirror.
"""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.build import Tensor, const, dims, reshape, static
from tfjsci.rewrite.formulas.dimensions import around, in_steps
from tfjsci.rewrite.formulas.fewer_dimensions import INT, again, with_groups
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

LIMIT = 4


def lower(node: Subject) -> Tensor | Declined:
    """One pad for as many dimensions as fit, between Reshapes."""
    x, given, *value = node.inputs
    if x.rank <= LIMIT:
        return Declined(reason=f"{LIMIT} dimensions aren't too many")
    if given.value is None:
        return Declined(reason="the paddings aren't constant")
    paddings = [(int(before), int(after)) for before, after in given.value.reshape(-1, 2)]
    padded = [axis for axis, pair in enumerate(paddings) if any(pair)]
    sizes = dims(x)
    for turn in in_steps(padded, static(sizes), LIMIT):
        groups = around(turn, static(sizes))
        pairs = [next((paddings[axis] for axis in group if axis in turn), (0, 0)) for group in groups]
        x = again(node, [with_groups(x, sizes, groups), const(np.array(pairs, np.int32)), *value], Tpaddings=INT)
        for axis in turn:
            sizes[axis] = sizes[axis] + sum(paddings[axis])
    return reshape(x, sizes)


LOWERING = Lowering(
    name="rank_of_pad",
    ops=("MirrorPad", "Pad", "PadV2"),
    equation="Pad(x, paddings) of more than 4 dimensions → Reshape(Pad(Reshape(x)))",
    lower=lower,
)
