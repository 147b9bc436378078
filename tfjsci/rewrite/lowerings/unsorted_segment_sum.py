"""UnsortedSegmentSum(x, ids, n)  ->  ScatterNd(ids, x, [n, …])

ScatterNd adds up what has the same number. Negative ids, which count nowhere, are sent to a row of their own before the others,
which is cut off.
"""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.build import Dim, Tensor, along, cast, const, dims, filled, maximum, product, reshape, scatter_nd
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """ScatterNd; AddV2, Maximum and Slice where an id may be negative."""
    x, ids, count = node.inputs
    if not (x.floating or x.integer):
        return Declined(reason=f"it is for floats and integers, this is {x.dtype}")
    known = node.number_in(2)
    rows: Dim = known if known is not None else cast(reshape(count, []), "int32")
    inner = dims(x)[ids.rank :]
    taken = product(dims(x)[: ids.rank])
    if taken == 0:
        return filled([rows, *inner], 0, x.dtype)
    flat = reshape(x, [taken, *inner])
    places = reshape(cast(ids, "int32"), [taken, 1])
    if ids.value is not None and bool(np.all(np.greater_equal(ids.value, 0))):
        return scatter_nd(const(ids.value.astype(np.int32).reshape(-1, 1)), flat, [rows, *inner])
    added = scatter_nd(maximum(places + 1, 0), flat, [rows + 1, *inner])
    return along(added, 0, 1, rows)


LOWERING = Lowering(
    name="unsorted_segment_sum",
    ops=("UnsortedSegmentSum",),
    equation="UnsortedSegmentSum(x, ids, n) → ScatterNd(ids, x, [n, …])",
    lower=lower,
)
