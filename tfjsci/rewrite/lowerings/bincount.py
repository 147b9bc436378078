"""Bincount(x, n, weights) of integers  ->  Cast(DenseBincount(x, n, Cast(weights))), and what else backends count wrongly

webgpu counts in floats, which hold whole numbers up to 2²⁴ exactly. Rows are counted as one vector, each with numbers of its own:
row · n + x, where numbers that are too large go beyond the last row's. With binary_output a count becomes whether it is above 0.
SparseBincount and RaggedBincount count by (row, number) with ScatterNd, where a column more takes the numbers that are too large.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import DType, Shape
from tfjsci.rewrite.build import (
    Dim,
    Tensor,
    along,
    arange,
    cast,
    concat,
    const,
    dims,
    filled,
    make,
    minimum,
    product,
    reshape,
    row_of_each,
    scalar,
    scatter_nd,
    size,
    stack,
    static,
    where,
)
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """DenseBincount of floats, Cast, Greater; ScatterNd for rows that are told apart by number."""
    binary = node.flag("binary_output", False)
    if node.op == "SparseBincount":
        return _sparse(node, binary)
    if node.op == "RaggedBincount":
        return _ragged(node, binary)
    numbers, _, weights = node.inputs
    weighted = _weighted(weights)
    if weighted is None:
        return Declined(reason="whether there are weights isn't known")
    if node.op == "Bincount":
        numbers = reshape(numbers, [product(dims(numbers))])
        weights = reshape(weights, [product(dims(weights))])
    given = cast(weights, "float32") if weighted and not binary else const(np.zeros(0, np.float32))
    counted = _counts(numbers, given, _count(node, 1))
    return cast(counted > 0 if binary else counted, weights.dtype)


def _weighted(weights: Tensor) -> bool | None:
    """An empty tensor of weights counts each number once."""
    if weights.shape is None:
        return None
    return 0 not in weights.shape


def _count(node: Subject, index: int) -> Dim:
    known = node.number_in(index)
    return known if known is not None else cast(reshape(node.inputs[index], []), "int32")


def _counts(numbers: Tensor, weights: Tensor, count: Dim) -> Tensor:
    numbers = cast(numbers, "int32")
    if numbers.rank == 1:
        return _of_vector(numbers, weights, count)
    rows, columns = dims(numbers)
    beyond = product([rows, count])
    row = reshape(arange(rows), [rows, 1])
    own = where(numbers < scalar(count), numbers + row * scalar(count), scalar(beyond))
    flat = [reshape(each, [product([rows, columns])]) for each in (own, weights) if each.sizes != (0,)]
    return reshape(_of_vector(flat[0], flat[1] if len(flat) > 1 else weights, beyond), [rows, count])


def _of_vector(numbers: Tensor, weights: Tensor, count: Dim) -> Tensor:
    shape: Shape = static([count])
    return make(
        "DenseBincount",
        [numbers, scalar(count), weights],
        dtype="float32",
        shape=shape,
        Tidx=DType("int32"),
        T=DType("float32"),
        binary_output=False,
    )


def _sparse(node: Subject, binary: bool) -> Tensor | Declined:
    at, numbers, whole, _, weights = node.inputs
    weighted, rank = _weighted(weights), whole.sizes[0]
    if weighted is None or rank not in (1, 2):
        return Declined(reason="it counts by rows of a matrix; of this one the rank or the weights aren't known")
    columns, entries = _count(node, 3), size(numbers, 0)
    row = filled([entries], 0, "int32") if rank == 1 else reshape(along(cast(at, "int32"), 1, 0, 1), [entries])
    rows: Dim = 1 if rank == 1 else int(whole.value[0]) if whole.value is not None else _first(whole)
    result = _by_pairs((row, rows), (numbers, columns), weights if weighted else None, weights.dtype, binary)
    return reshape(result, [columns]) if rank == 1 else result


def _ragged(node: Subject, binary: bool) -> Tensor | Declined:
    splits, numbers, _, weights = node.inputs
    weighted = _weighted(weights)
    if weighted is None:
        return Declined(reason="whether there are weights isn't known")
    splits = cast(splits, "int32")
    row, rows = row_of_each(splits, size(numbers, 0)), size(splits, 0) - 1
    return _by_pairs((row, rows), (numbers, _count(node, 2)), weights if weighted else None, weights.dtype, binary)


def _by_pairs(
    rows: tuple[Tensor, Dim], numbers: tuple[Tensor, Dim], weights: Tensor | None, dtype: str, binary: bool
) -> Tensor:
    """[rows, columns]: how often each number is in each row, or the sum of their weights, as ``dtype``.

    ``rows`` and ``numbers`` are those of each entry, each with how many there are.
    """
    (row, height), (number, columns) = rows, numbers
    values = filled([size(row, 0)], 1, dtype) if weights is None or binary else weights
    column = minimum(cast(number, "int32"), scalar(columns))
    # ScatterNd can't write nothing on the GPU backends: an entry more goes to the column that is cut off.
    places = concat([stack([row, column], 1), reshape(stack([const(0), scalar(columns)], 0), [1, 2])], 0)
    counted = scatter_nd(places, concat([values, filled([1], 0, dtype)], 0), [height, columns + 1])
    kept = along(counted, 1, 0, columns)
    return cast(kept > 0, dtype) if binary else kept


def _first(whole: Tensor) -> Dim:
    return reshape(cast(along(whole, 0, 0, 1), "int32"), [])


LOWERING = Lowering(
    name="bincount",
    ops=("Bincount", "DenseBincount", "RaggedBincount", "SparseBincount"),
    equation="Bincount(x, n, weights) of integers → Cast(DenseBincount(x, n, Cast(weights)))",
    lower=lower,
    limits="Whether there are weights must be known.",
    accuracy="exact up to 2²⁴",
)
