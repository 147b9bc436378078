"""SparseSegmentSumWithNumSegments(x, rows, ids, n)  ->  UnsortedSegmentSum(GatherV2(x, rows), ids, n)

The mean divides by how many rows a segment has, SqrtN by the root of it; so does SparseSegmentSqrtN, whose sum the runtime has.
"""

from __future__ import annotations

from tfjsci.rewrite.build import (
    Tensor,
    along,
    cast,
    concat,
    dims,
    filled,
    gather,
    maximum,
    product,
    reshape,
    size,
    sparse_segments,
    unary,
    unsorted_segment_sum,
)
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """The sum, and a division by the counts."""
    x, rows, ids, *count = node.inputs
    if not x.floating and not (x.integer and node.op == "SparseSegmentSumWithNumSegments"):
        return Declined(reason=f"of {x.dtype} the runtime has no such sum")
    if not count:
        return _by_root(x, rows, ids)
    total = unsorted_segment_sum(gather(x, rows), ids, count[0])
    if node.op.startswith("SparseSegmentSum"):
        return total
    counts = unsorted_segment_sum(filled([size(rows, 0)], 1, x.dtype), ids, count[0])
    present = reshape(maximum(counts, 1), [-1, *[1] * (x.rank - 1)])
    return total / (present if "Mean" in node.op else unary("Sqrt", present))


def _by_root(x: Tensor, rows: Tensor, ids: Tensor) -> Tensor:
    """The rows are counted in a column more: webgpu can read the ids once only."""
    inner = dims(x)[1:]
    width = product(inner)
    counting = concat([reshape(x, [size(x, 0), width]), filled([size(x, 0), 1], 1, x.dtype)], 1)
    total = sparse_segments("SparseSegmentSum", counting, cast(rows, "int32"), cast(ids, "int32"))
    root = unary("Sqrt", maximum(along(total, 1, width, 1), 1))
    return reshape(along(total, 1, 0, width) / root, [-1, *inner])


LOWERING = Lowering(
    name="sparse_segments",
    ops=(
        "SparseSegmentSqrtN",
        "SparseSegmentSumWithNumSegments",
        "SparseSegmentMeanWithNumSegments",
        "SparseSegmentSqrtNWithNumSegments",
    ),
    equation="SparseSegmentSum…(x, rows, ids, n) → UnsortedSegmentSum(GatherV2(x, rows), ids, n)",
    lower=lower,
    limits="Means and roots of floats only.",
)
