"""DynamicPartition(x, p)  ->  GatherV2(x, Where(p = i)), for each part i"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, cast, dims, equal, gather, positions, product, reshape
from tfjsci.rewrite.lowering import Lowering, Subject


def lower(node: Subject) -> tuple[Tensor, ...]:
    """Equal, Where and GatherV2 a part; how long each is, the run tells."""
    x, parts = node.inputs
    count = product(dims(parts))
    rows = reshape(x, [count, *dims(x)[parts.rank :]])
    of_row = reshape(cast(parts, "int32"), [count])
    return tuple(
        gather(rows, reshape(cast(positions(equal(of_row, i)), "int32"), [-1]))
        for i in range(node.number("num_partitions", 1))
    )


LOWERING = Lowering(
    name="dynamic_partition",
    ops=("DynamicPartition",),
    equation="DynamicPartition(x, p) → GatherV2(x, Where(p = i)) for each part i",
    lower=lower,
)
