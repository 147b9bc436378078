"""Bincount(x, n, weights) of integers  ->  Cast(DenseBincount(x, n, Cast(weights))), and what else backends count wrongly

webgpu counts in floats, which hold whole numbers up to 2²⁴ exactly. Rows are counted as one vector, each with numbers of its own:
row · n + x, where numbers that are too large go beyond the last row's. With binary_output a count becomes whether it is above 0.
SparseBincount counts by (row, number) with ScatterNd, where a column more takes the numbers that are too large.
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
    """DenseBincount of floats, Cast, Greater; ScatterNd for pairs."""
    binary = node.flag("binary_output", False)
    if node.op == "SparseBincount":
        return _sparse(node, binary)
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
    once = weighted is False or binary
    values = filled([entries], 1, weights.dtype) if once else weights
    column = minimum(cast(numbers, "int32"), scalar(columns))
    row = filled([entries], 0, "int32") if rank == 1 else reshape(along(cast(at, "int32"), 1, 0, 1), [entries])
    rows: Dim = 1 if rank == 1 else int(whole.value[0]) if whole.value is not None else _first(whole)
    # ScatterNd can't write nothing on the GPU backends: an entry more goes to the column that is cut off.
    places = concat([stack([row, column], 1), reshape(stack([const(0), scalar(columns)], 0), [1, 2])], 0)
    counted = scatter_nd(places, concat([values, filled([1], 0, weights.dtype)], 0), [rows, columns + 1])
    kept = along(counted, 1, 0, columns)
    result = cast(kept > 0, weights.dtype) if binary else kept
    return reshape(result, [columns]) if rank == 1 else result


def _first(whole: Tensor) -> Dim:
    return reshape(cast(along(whole, 0, 0, 1), "int32"), [])


LOWERING = Lowering(
    name="bincount",
    ops=("Bincount", "DenseBincount", "SparseBincount"),
    equation="Bincount(x, n, weights) of integers → Cast(DenseBincount(x, n, Cast(weights)))",
    lower=lower,
    limits="Whether there are weights must be known.",
    accuracy="exact up to 2²⁴",
)
