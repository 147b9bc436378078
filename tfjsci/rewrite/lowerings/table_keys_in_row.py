"""LookupTableFindV2(table, k, d)  ->  Reshape(LookupTableFindV2(table, Reshape(k, [-1]), d), shape of k)

for a table of strings, which the runtime asks for a row of keys; where there may be no key, one more is asked for and dropped.
"""

from __future__ import annotations

import numpy as np

from tfjsci.catalog.restrictions.tables import maybe_empty
from tfjsci.graph.graph import DType
from tfjsci.graph.tables import contents_of
from tfjsci.rewrite.build import Tensor, concat, const, dims, make, reshape
from tfjsci.rewrite.build.shaping import INT
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """The keys in a row, and perhaps one more."""
    held = contents_of(node.graph, node.node.inputs[0])
    if held is None:
        return Declined(reason="what the table holds isn't known before the run")
    table, keys, default = node.inputs
    if "string" not in (keys.dtype, default.dtype):
        return Declined(reason="it is a table of numbers")
    beyond = maybe_empty(node.graph, node.node.inputs[1])
    if keys.rank == 1 and not beyond:
        return Declined(reason="the keys are in a row already")
    row = reshape(keys, [-1]) if keys.rank != 1 else keys
    if beyond:
        row = concat([row, _one_more(keys.dtype)], 0)
    shape = held.values.shape[1:]
    found = make(
        node.op,
        [table, row, default],
        dtype=default.dtype,
        shape=(row.sizes[0], *shape),
        Tin=DType(keys.dtype),
        Tout=DType(default.dtype),
    )
    if beyond:
        found = _without_last(found)
    return reshape(found, [*dims(keys), *shape]) if keys.rank != 1 else found


def _one_more(dtype: str) -> Tensor:
    return const(np.array([b""], dtype=object)) if dtype == "string" else const(np.zeros(1, dtype))


def _without_last(x: Tensor) -> Tensor:
    return make(
        "StridedSlice",
        [x, *(const(np.array([n], np.int32)) for n in (0, -1, 1))],
        dtype=x.dtype,
        shape=(None, *x.sizes[1:]),
        T=DType(x.dtype),
        Index=INT,
        begin_mask=1,
        end_mask=0,
        ellipsis_mask=0,
        new_axis_mask=0,
        shrink_axis_mask=0,
    )


LOWERING = Lowering(
    name="table_keys_in_row",
    ops=("LookupTableFindV2",),
    equation="LookupTableFindV2(table, k, d) → Reshape(LookupTableFindV2(table, Reshape(k, [-1]), d), shape of k)",
    lower=lower,
)
