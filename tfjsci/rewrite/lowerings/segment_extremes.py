"""UnsortedSegmentMax(x, ids, n)  ->  Max(where(ids = [0, 1, … n), x, lowest)); Min, Prod, and the sorted SegmentMax, …

Every segment looks at every row, along the last dimension: n times as many numbers as x has, for a moment. A segment
without rows is the lowest number there is (Min: the highest, Prod: 1); of sorted ids, which leave segments out, 0. How many
segments these have, the run tells: as many as the runtime's SparseSegmentSum gives.
"""

from __future__ import annotations

import math

import numpy as np

from tfjsci.rewrite.build import (
    Dim,
    Tensor,
    arange,
    cast,
    const,
    dims,
    equal,
    filled,
    product,
    reduce,
    reshape,
    size,
    sparse_segments,
    transpose,
    where,
)
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

LARGEST = 1 << 26
"""Numbers that may be looked at once: 256 MiB of floats."""


def lower(node: Subject) -> Tensor | Declined:
    """Equal, two SelectV2, Any, and the reduction."""
    x, ids, *given = node.inputs
    if not (x.floating or x.integer):
        return Declined(reason=f"it is for floats and integers, this is {x.dtype}")
    kind = next(each for each in ("Max", "Min", "Prod") if each in node.op)
    unsorted = node.op.startswith("Unsorted")
    count = _count(node, x, ids, given)
    missing = _missing(kind, x.dtype, unsorted)
    unheld = x.dtype == "int64" or (kind == "Min" and x.integer and "webgl" in node.backends)
    if unsorted and unheld and kind != "Prod" and not _all_present(ids, count):
        return Declined(reason=f"a segment without rows gives the extreme {x.dtype}, which the runtime can't hold")
    rows, inner = product(dims(x)[: ids.rank]), dims(x)[ids.rank :]
    if all(isinstance(n, int) for n in (rows, count, *inner)) and math.prod([rows, count, *inner]) > LARGEST:
        return Declined(reason=f"{count} segments of {rows} rows are too many numbers at once")
    of_row = transpose(reshape(x, [rows, product(inner)]), [1, 0])
    member = equal(reshape(cast(ids, "int32"), [1, rows]), reshape(arange(count), [-1, 1]))
    seen = where(reshape(member, [count, 1, rows]), reshape(of_row, [1, product(inner), rows]), _neutral(kind, x.dtype))
    found = reduce(kind, seen, [-1])
    if missing is not None:
        found = where(reduce("Any", member, [-1], keep=True), found, missing)
    return reshape(found, [count, *inner])


def _count(node: Subject, x: Tensor, ids: Tensor, given: list[Tensor]) -> Dim:
    if given:
        known = node.number_in(2)
        return known if known is not None else cast(reshape(given[0], []), "int32")
    if ids.value is not None:
        return int(ids.value.max(initial=-1)) + 1
    rows = size(x, 0)
    return size(sparse_segments("SparseSegmentSum", filled([rows], 0, "float32"), arange(rows), cast(ids, "int32")), 0)


def _neutral(kind: str, dtype: str) -> Tensor:
    if kind == "Prod":
        return const(1, dtype)
    info = np.finfo(dtype) if dtype.startswith("float") else np.iinfo("int32" if dtype == "int64" else dtype)
    return const(info.min if kind == "Max" else info.max, dtype)


def _missing(kind: str, dtype: str, unsorted: bool) -> Tensor | None:
    if kind == "Prod":
        return None
    return _neutral(kind, dtype) if unsorted else const(0, dtype)


def _all_present(ids: Tensor, count: Dim) -> bool:
    return ids.value is not None and isinstance(count, int) and set(range(count)) <= set(ids.value.reshape(-1).tolist())


LOWERING = Lowering(
    name="segment_extremes",
    ops=(
        "UnsortedSegmentMax",
        "UnsortedSegmentMin",
        "UnsortedSegmentProd",
        "SegmentMax",
        "SegmentMin",
        "SegmentProd",
        "SegmentMaxV2",
        "SegmentMinV2",
        "SegmentProdV2",
    ),
    equation="UnsortedSegmentMax(x, ids, n) → Max(where(ids = [0, 1, … n), x, lowest))",
    lower=lower,
    limits="At most 2²⁶ numbers are compared at once; no integer minimum for webgl, and no int64, where a segment may be empty.",
    accuracy="webgl knows no maximum below -1e20",
)
