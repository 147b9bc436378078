"""Rows found, and rows added up by number."""

from __future__ import annotations

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build.tensor import Tensor, make


def positions(condition: Tensor) -> Tensor:
    """Where a bool tensor holds, in order: int64 [how many, rank]; how many, only the run knows (Where)."""
    return make("Where", [condition], dtype="int64", shape=(None, condition.rank), T=DType("bool"))


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
