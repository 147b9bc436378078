"""Cross(x, y)  ->  x[1, 2, 0] · y[2, 0, 1] - x[2, 0, 1] · y[1, 2, 0]"""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.build import Tensor, const, gather
from tfjsci.rewrite.lowering import Lowering, Subject


def lower(node: Subject) -> Tensor:
    """Four GatherV2, two Mul and a Sub."""
    x, y = node.inputs
    next_one, one_after = const(np.array([1, 2, 0], np.int32)), const(np.array([2, 0, 1], np.int32))
    return gather(x, next_one, -1) * gather(y, one_after, -1) - gather(x, one_after, -1) * gather(y, next_one, -1)


LOWERING = Lowering(
    name="cross",
    ops=("Cross",),
    equation="Cross(x, y) → x[1, 2, 0] · y[2, 0, 1] − x[2, 0, 1] · y[1, 2, 0]",
    lower=lower,
)
