"""RaggedTensorToTensor(shape, v, d, rows)  ->  ScatterNd([r, c], v)[:n, :w], r the row of each value and c its place in it

of one ragged dimension. One value more, in a row of its own that is cut off, stands for tensors without any.
"""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.build import (
    Dim,
    Tensor,
    arange,
    cast,
    concat,
    const,
    minimum,
    reduce,
    reshape,
    row_of_each,
    scatter_nd,
    search,
    size,
    slice_of,
    stack,
    where,
)
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

_BY_ROW, _BY_SPLITS = ("FIRST_DIM_SIZE", "VALUE_ROWIDS"), ("ROW_SPLITS",)


def lower(node: Subject) -> Tensor | Declined:
    """A search for where each row begins, and a scatter."""
    kinds = node.texts("row_partition_types")
    if kinds not in (_BY_ROW, _BY_SPLITS):
        return Declined(reason=f"one dimension is ragged and told by row numbers or splits, not by {', '.join(kinds)}")
    shape, default = node.value(0), node.value(2)
    _, values, filler, *partition = node.inputs
    if shape is None or default is None or default.size != 1:
        return Declined(reason="the shape or what is filled in isn't constant")
    if values.rank != 1 or shape.shape not in ((), (2,)) or values.dtype in ("string", "bool"):
        return Declined(reason="it is for rows of numbers")
    height, width = (-1, -1) if shape.shape == () else (int(n) for n in shape)
    if height != -1:
        return Declined(reason="the number of rows is cut or filled up")
    rows, row_of = _rows(kinds, [cast(each, "int32") for each in partition], values)
    row = concat([row_of, _vector(rows)], 0)
    place = arange(size(row, 0)) - _begins(row)
    wide: Dim = width if width != -1 else reduce("Max", where(row < _scalar(rows), place + 1, 0))
    at = stack([row, minimum(place, _scalar(wide))], 1)
    added = concat([values - filler, const(np.zeros(1, values.dtype))], 0)
    whole = scatter_nd(at, added, [_more(rows), _more(wide)])
    dense = slice_of(whole, [0, 0], [rows, wide])
    return dense if not default.any() else dense + filler


def _rows(kinds: tuple[str, ...], partition: list[Tensor], values: Tensor) -> tuple[Dim, Tensor]:
    """How many rows there are, and the row of each value."""
    if kinds == _BY_ROW:
        return reshape(partition[0], []), partition[1]
    (splits,) = partition
    return size(splits, 0) - 1, row_of_each(splits, size(values, 0))


def _begins(row: Tensor) -> Tensor:
    """Where the row of each value begins."""
    return search("LowerBound", row, row)


def _scalar(n: Dim) -> Tensor:
    return const(np.int32(n)) if isinstance(n, int) else n


def _vector(n: Dim) -> Tensor:
    return const(np.array([n], np.int32)) if isinstance(n, int) else reshape(n, [1])


def _more(n: Dim) -> Dim:
    return n + 1


LOWERING = Lowering(
    name="ragged_to_dense",
    ops=("RaggedTensorToTensor",),
    equation="RaggedTensorToTensor(shape, v, d, rows) → ScatterNd([row, place], v − d) + d",
    lower=lower,
    limits="One ragged dimension of numbers",
)
