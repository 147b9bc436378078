"""LookupTableSizeV2(table)  ->  a constant"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.tables import contents_of
from tfjsci.rewrite.build import Tensor, const
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """The number of its keys."""
    table = contents_of(node.graph, node.node.inputs[0])
    if table is None:
        return Declined(reason="what the table holds isn't known before the run")
    return const(np.int64(table.size))


LOWERING = Lowering(
    name="table_size",
    ops=("LookupTableSizeV2",),
    equation="LookupTableSizeV2(table) → a constant",
    lower=lower,
    always="a converted table doesn't change",
)
