"""LookupTableFindV2(table, k, d)  ->  Select(K[i] = k, V[i], d), i = LowerBound(K, k)

of a table from whole numbers to numbers or bools, K sorted. Where K has every number from a on, i is k − a.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Array, DType
from tfjsci.graph.tables import contents_of
from tfjsci.rewrite.build import (
    Tensor,
    broadcast_to,
    cast,
    const,
    dims,
    equal,
    gather,
    make,
    maximum,
    minimum,
    reshape,
    where,
)
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """A search, or a difference, and a Select."""
    table = contents_of(node.graph, node.node.inputs[0])
    if table is None:
        return Declined(reason="what the table holds isn't known before the run")
    _, keys, default = node.inputs
    if keys.dtype == "string" or default.dtype == "string":
        return Declined(reason="it is a table of strings")
    order = np.argsort(table.keys, kind="stable")
    held, values = table.keys[order], table.values[order]
    if not len(held) or 0 in keys.sizes:
        return broadcast_to(default, [*dims(keys), *values.shape[1:]])
    at, found = _from(keys, held) if len(held) - 1 == held[-1] - held[0] else _sought(keys, held)
    picked = gather(const(values), at)
    return where(reshape(found, [*dims(keys), *[1] * (values.ndim - 1)]) if values.ndim > 1 else found, picked, default)


def _from(keys: Tensor, held: Array) -> tuple[Tensor, Tensor]:
    """Places and whether the key is there, where no number is left out."""
    if not keys.integer:
        keys = cast(keys, "int32")
    at = keys - const(held[0], keys.dtype)
    inside = minimum(maximum(at, 0), len(held) - 1)
    return cast(inside, "int32"), equal(inside, at)


def _sought(keys: Tensor, held: Array) -> tuple[Tensor, Tensor]:
    row = reshape(keys, [1, -1])
    place = make(
        "LowerBound",
        [const(held.reshape(1, -1)), row],
        dtype="int32",
        shape=row.shape,
        T=DType(keys.dtype),
        out_type=DType("int32"),
    )
    at = minimum(reshape(place, dims(keys)), len(held) - 1)
    return at, equal(gather(const(held), at), keys)


LOWERING = Lowering(
    name="table_of_numbers",
    ops=("LookupTableFindV2",),
    equation="LookupTableFindV2(table, k, d) → Select(K[i] = k, V[i], d), i = LowerBound(K, k)",
    lower=lower,
    always="the runtime's table is a map of one tensor for each entry, and asks for executeAsync",
    limits="Tables of strings stay tables",
)
