"""SegmentSum(x, ids)  ->  SparseSegmentSum(x, [0, 1, …], ids), and SegmentMean as SparseSegmentMean

The ids ascend, so the last one tells how many rows come out; the runtime's kernel reads it. Where the ids are constant the
rows are added up by number instead (UnsortedSegmentSum, lowered in turn), and the result's size stays known; SegmentSumV2
says itself how many there are.
"""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.build import Tensor, arange, cast, const, size, sparse_segments, unsorted_segment_sum
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """One op, and a division for the mean by constant ids."""
    x, ids, *rest = node.inputs
    mean = node.op == "SegmentMean"
    if not (x.floating or (x.integer and not mean)):
        return Declined(reason=f"of {x.dtype} the runtime has no such sum")
    if rest:
        return unsorted_segment_sum(x, ids, rest[0])
    if ids.value is None or ids.value.size == 0:
        return sparse_segments(
            "SparseSegmentMean" if mean else "SparseSegmentSum", x, arange(size(x, 0)), cast(ids, "int32")
        )
    counts = np.bincount(ids.value.reshape(-1))
    total = unsorted_segment_sum(x, ids, const(len(counts)))
    if not mean:
        return total
    return total / const(np.maximum(counts, 1).reshape(-1, *[1] * (x.rank - 1)), x.dtype)


LOWERING = Lowering(
    name="segment_sum",
    ops=("SegmentSum", "SegmentSumV2", "SegmentMean"),
    equation="SegmentSum(x, ids) → SparseSegmentSum(x, [0, 1, …], ids)",
    lower=lower,
    limits="No mean of integers.",
)
