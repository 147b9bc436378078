"""Equal(x, c) of strings, c a constant one  ->  LookupTableFindV2(a table of c alone, x, 0) = 1, and NotEqual

wasm has no comparison of strings, but every backend has tables, which are kept outside of it.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import DType
from tfjsci.graph.tables import TABLE
from tfjsci.rewrite.build import Tensor, const, equal, make, negated
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

STRING, INT = DType("string"), DType("int32")


def lower(node: Subject) -> Tensor | Declined:
    """A table of one key."""
    if node.inputs[0].dtype != "string":
        return Declined(reason="it is for strings")
    for x, other in (node.inputs, node.inputs[::-1]):
        if other.value is not None and other.value.size == 1 and other.rank <= x.rank:
            found = equal(_found(x, other), 1)
            return found if node.op == "Equal" else negated(found)
    return Declined(reason="neither of the two is one constant text")


def _found(x: Tensor, text: Tensor) -> Tensor:
    """1 where it is the text, else 0."""
    assert text.value is not None
    key = const(np.array(text.value.reshape(-1).tolist(), dtype=object))
    table = make(
        TABLE,
        [key, const(np.ones(1, np.int32))],
        dtype="resource",
        shape=(),
        key_dtype=STRING,
        value_dtype=INT,
    )
    return make("LookupTableFindV2", [table, x, const(np.int32(0))], dtype="int32", shape=x.shape, Tin=STRING, Tout=INT)


LOWERING = Lowering(
    name="text_equal",
    ops=("Equal", "NotEqual"),
    equation="Equal(x, c) of strings → LookupTableFindV2(table of c, x, 0) = 1",
    lower=lower,
    limits="One of the two must be one constant text",
)
