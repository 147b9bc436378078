"""Rows found, rows added up by number, and places written anew."""

from __future__ import annotations

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build.parts import slice_of
from tfjsci.rewrite.build.shaping import arange, reshape
from tfjsci.rewrite.build.tensor import Dim, Tensor, make


def positions(condition: Tensor) -> Tensor:
    """Where a bool tensor holds, in order: int64 [how many, rank]; how many, only the run knows (Where)."""
    return make("Where", [condition], dtype="int64", shape=(None, condition.rank), T=DType("bool"))


def search(op: str, held: Tensor, sought: Tensor) -> Tensor:
    """Where in the ascending vector ``held`` each number of a vector belongs (int32); ``op`` is LowerBound or UpperBound."""
    found = make(
        op,
        [reshape(held, [1, -1]), reshape(sought, [1, -1])],
        dtype="int32",
        shape=(1, sought.sizes[0]),
        T=DType(held.dtype),
        out_type=DType("int32"),
    )
    return reshape(found, [-1])


def row_of_each(splits: Tensor, count: Dim) -> Tensor:
    """The row that each of ``count`` values is in (int32), where row i is those from ``splits[i]`` on up to ``splits[i + 1]``."""
    # one more is looked for and cut off: the runtime searches for nothing in vain
    return slice_of(search("UpperBound", slice_of(splits, [1], [-1]), arange(count + 1)), [0], [count])


def sparse_segments(op: str, data: Tensor, rows: Tensor, segments: Tensor) -> Tensor:
    """``op`` is SparseSegmentSum or SparseSegmentMean: rows of ``data`` by number, added up by their ascending segments."""
    return make(
        op,
        [data, rows, segments],
        dtype=data.dtype,
        shape=(None, *data.sizes[1:]),
        T=DType(data.dtype),
        Tidx=DType(rows.dtype),
        Tsegmentids=DType(segments.dtype),
    )


def unsorted_segment_sum(data: Tensor, segments: Tensor, count: Tensor) -> Tensor:
    """Rows of ``data`` added up by the number of their segment, 0 where a segment has none; ``count`` segments."""
    return make(
        "UnsortedSegmentSum",
        [data, segments, count],
        dtype=data.dtype,
        shape=(None if count.value is None else int(count.value), *data.sizes[1:]),
        T=DType(data.dtype),
        Tindices=DType(segments.dtype),
        Tnumsegments=DType(count.dtype),
    )


def with_updates(x: Tensor, places: Tensor, updates: Tensor) -> Tensor:
    """``x`` with ``updates`` in their places: the last dimension of ``places`` is a position (TensorScatterUpdate)."""
    return make(
        "TensorScatterUpdate",
        [x, places, updates],
        dtype=x.dtype,
        shape=x.shape,
        T=DType(x.dtype),
        Tindices=DType(places.dtype),
    )
