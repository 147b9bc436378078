"""SpaceToBatch(x, paddings, b)  ->  SpaceToBatchND(x, [b, b], paddings);   BatchToSpace alike"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build import Tensor, const, make
from tfjsci.rewrite.lowering import Lowering, Subject


def lower(node: Subject) -> Tensor:
    """The same op with a block size for each dimension."""
    x, around = node.inputs
    block = const(np.full(2, node.number("block_size", 2), np.int32))
    return make(
        f"{node.op}ND",
        [x, block, around],
        dtype=x.dtype,
        shape=node.output_shape(),
        T=DType(x.dtype),
        Tblock_shape=DType("int32"),
        **{"Tpaddings" if node.op == "SpaceToBatch" else "Tcrops": DType(around.dtype)},
    )


LOWERING = Lowering(
    name="space_to_batch",
    ops=("SpaceToBatch", "BatchToSpace"),
    equation="SpaceToBatch(x, paddings, b) → SpaceToBatchND(x, [b, b], paddings)",
    lower=lower,
)
