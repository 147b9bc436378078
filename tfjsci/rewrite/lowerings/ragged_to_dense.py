"""RaggedTensorToTensor(shape, v, d, rows)  ->  ScatterNd([r, c], v)[:n, :w], r the row of each value and c its place in it

of one ragged dimension. One value more, in a row of its own that is cut off, stands for tensors without any.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build import (
    Dim,
    Tensor,
    arange,
    cast,
    concat,
    const,
    make,
    minimum,
    reduce,
    reshape,
    scatter_nd,
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
    if "webgpu" in node.backends and not (width != -1 and _known(partition, values)):
        return Declined(reason="how large it is is computed, which webgpu can't read")
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
    ends = slice_of(splits, [1], [-1])
    count = size(splits, 0)
    row_of = _search("UpperBound", ends, arange(size(values, 0)))
    return count - 1, row_of


def _known(partition: list[Tensor], values: Tensor) -> bool:
    """Whether the sizes are known before the run."""
    return None not in values.sizes and None not in partition[-1].sizes and partition[0].value is not None


def _begins(row: Tensor) -> Tensor:
    """Where the row of each value begins."""
    return _search("LowerBound", row, row)


def _search(op: str, held: Tensor, sought: Tensor) -> Tensor:
    found = make(
        op,
        [reshape(held, [1, -1]), reshape(sought, [1, -1])],
        dtype="int32",
        shape=(1, sought.sizes[0]),
        T=DType("int32"),
        out_type=DType("int32"),
    )
    return reshape(found, [-1])


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
    limits="One ragged dimension of numbers; for webgpu its sizes must be known",
)
