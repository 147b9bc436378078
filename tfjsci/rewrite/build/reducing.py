"""Dimensions summed up, one way or another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build.shaping import INT
from tfjsci.rewrite.build.tensor import Tensor, const, make, make_many


def reduce(op: str, x: Tensor, axes: Sequence[int] | None = None, *, keep: bool = False) -> Tensor:
    """``op`` is Sum, Mean, Max, Min, Prod, Any or All; ``axes`` None are all of them; ``keep`` leaves sizes of 1."""
    over = sorted({axis % x.rank for axis in (range(x.rank) if axes is None else axes)})
    if not over:
        return x
    shape = tuple(1 if i in over else n for i, n in enumerate(x.sizes) if keep or i not in over)
    attrs = {} if op in ("Any", "All") else {"T": DType(x.dtype)}
    which = const(np.array(over, np.int32))
    return make(op, [x, which], dtype=x.dtype, shape=shape, Tidx=INT, keep_dims=keep, **attrs)


def arg(op: str, x: Tensor, axis: int) -> Tensor:
    """Where the largest (ArgMax) or smallest (ArgMin) is along a dimension, as int32."""
    at = axis % x.rank
    shape = (*x.sizes[:at], *x.sizes[at + 1 :])
    return make(op, [x, const(np.int32(at))], dtype="int32", shape=shape, T=DType(x.dtype), Tidx=INT, output_type=INT)


def running(op: str, x: Tensor, axis: int, *, exclusive: bool = False, reverse: bool = False) -> Tensor:
    """Cumsum or Cumprod along a dimension."""
    which = const(np.int32(axis % x.rank))
    return make(
        op, [x, which], dtype=x.dtype, shape=x.shape, T=DType(x.dtype), Tidx=INT, exclusive=exclusive, reverse=reverse
    )


def top_k(x: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The k largest along the last dimension, largest first, and where they are (int32)."""
    shape = (*x.sizes[:-1], k)
    values, indices = make_many(
        "TopKV2",
        [x, const(np.int32(k))],
        [(x.dtype, shape), ("int32", shape)],
        T=DType(x.dtype),
        Tk=INT,
        index_type=INT,
        sorted=True,
    )
    return values, indices
