"""Every n-th value along dimensions, and values spread to every n-th place with zeros between."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build.parts import along
from tfjsci.rewrite.build.shaping import INT, dims, pad, product, reshape
from tfjsci.rewrite.build.tensor import Tensor, const, make


def every_of(x: Tensor, begins: Sequence[int], steps: Sequence[int]) -> Tensor:
    """Along each dimension the values ``begin``, ``begin + step``, … to its end (one StridedSlice)."""
    shape = tuple(
        None if size is None else len(range(begin, size, step))
        for size, begin, step in zip(x.sizes, begins, steps, strict=True)
    )
    return make(
        "StridedSlice",
        [x, *(const(np.array(numbers, np.int32)) for numbers in (begins, [0] * x.rank, steps))],
        dtype=x.dtype,
        shape=shape,
        T=DType(x.dtype),
        Index=INT,
        begin_mask=0,
        end_mask=(1 << x.rank) - 1,
        ellipsis_mask=0,
        new_axis_mask=0,
        shrink_axis_mask=0,
    )


def spread(x: Tensor, axis: int, step: int) -> Tensor:
    """Zeros put between the values along a dimension: n values become (n - 1) · step + 1. All of it in 3 dimensions."""
    at = axis % x.rank
    count = x.sizes[at]
    if step == 1 or count == 1:
        return x
    sizes = dims(x)
    before, rest = product(sizes[:at]), product(sizes[at + 1 :])
    whole = sizes[at] * step
    rows = reshape(x, [product([before, sizes[at]]), 1, rest])
    apart = reshape(pad(rows, [(0, 0), (0, step - 1), (0, 0)]), [before, whole, rest])
    ended = along(apart, 1, 0, whole - (step - 1))
    return reshape(ended, [*sizes[:at], whole - (step - 1), *sizes[at + 1 :]])
