"""Select(Equal(k, c), v, LookupTableFindV2(table, k, d))  ->  LookupTableFindV2(the table with v for c, k, d)

Keras' look-up layers have their mask token beside the table.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Array, Constant
from tfjsci.graph.tables import TABLE, contents_of
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, kept


def rewrite(match: Match) -> Replacement | Declined:
    """The token's entry is put in, or changed."""
    table = contents_of(match.graph, match.tensors["table"])
    if table is None:
        return Declined(reason="what the table holds isn't constant")
    token, value = match.value("token").value, match.value("value").value
    if token.size != 1 or value.shape != table.values.shape[1:]:
        return Declined(reason="more than one key is masked, or the mask isn't one value")
    if value.dtype.kind in "iu" and not np.all(np.abs(value.astype(np.float64)) < 2**31):
        return Declined(reason="a table can't hold the value, which is beyond int32")
    key = token.reshape(-1).tolist()[0]
    others = [i for i, held in enumerate(table.keys.tolist()) if held != key]
    keys = NewConst(name="", constant=Constant(value=_with(table.keys[others], key)))
    values = _with(table.values[others], value if value.ndim else value.reshape(-1).tolist()[0])
    old = match.graph[match.tensors["table"]]
    made = NewNode(
        name="", op=TABLE, inputs=(keys, NewConst(name="", constant=Constant(value=values))), attrs=kept(old)
    )
    find = match.nodes["find"]
    inputs = (made, match.tensors["keys"], match.tensors["default"])
    return Replacement(root=NewNode(name=match.root.name, op=find.op, inputs=inputs, attrs=kept(find)))


def _with(held: Array, more: object) -> Array:
    one = np.empty((1, *held.shape[1:]), dtype=held.dtype)
    one[0] = more
    return np.concatenate([held, one])


RULE = Rule(
    name="mask_in_table",
    equation="Select(Equal(k, c), v, LookupTableFindV2(table, k, d)) -> LookupTableFindV2(table with v for c, k, d)",
    pattern=op(
        "SelectV2",
        op("Equal", any_tensor("keys"), constant("token"), name="masked", either_order=True),
        constant("value"),
        op("LookupTableFindV2", any_tensor("table"), any_tensor("keys"), any_tensor("default"), name="find"),
        name="select",
    ),
    rewrite=rewrite,
)
