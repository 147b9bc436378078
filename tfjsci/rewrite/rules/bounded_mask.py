"""Softmax(Select(m, x, c))  ->  Softmax(Select(m, x, -9e19))

where c is below that: Keras masks attention with -2.4e38. On webgl the runtime's maximum begins at -1e20, so a row that is
masked as a whole would come out as ones, where softmax makes it uniform. Beside anything else what is masked is 0 either way.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Constant
from tfjsci.rewrite.channels import made_of
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, kept

LOWEST = -9e19
_SOFTMAX = frozenset({"Softmax", "LogSoftmax"})


def rewrite(match: Match) -> Replacement | Declined:
    """The same with a constant that is raised; whoever else asks for the shape alone gets what it got."""
    select, given = match.root, match.value("masked")
    readers = {reader.op for reader in match.graph.readers.get(select.name, ())}
    if not readers & _SOFTMAX or not readers <= _SOFTMAX | {"Shape"} or select.name in match.graph.outputs:
        return Declined(reason="what is selected isn't read by a softmax alone", moot=True)
    low, lowest = float(given.value.max(initial=-np.inf)), float(given.value.min(initial=np.inf))
    if not (np.isfinite(lowest) and low < LOWEST):
        return Declined(reason=f"what is masked is {lowest:g}, which every backend can compare", moot=True)
    raised = np.full(given.value.shape, LOWEST, given.value.dtype)
    name = f"{match.tensors['masked']}/raised"
    new = NewConst(name=name, constant=Constant(value=raised, sources=made_of(given)))
    inputs = (match.tensors["mask"], match.tensors["x"], new)
    return Replacement(root=NewNode(name=select.name, op=select.op, inputs=inputs, attrs=kept(select)))


RULE = Rule(
    name="bounded_mask",
    equation="Softmax(Select(m, x, c)) -> Softmax(Select(m, x, -9e19))",
    pattern=op("SelectV2", any_tensor("mask"), any_tensor("x"), constant("masked"), name="select"),
    rewrite=rewrite,
    where="c is below -9e19, which webgl can't compare",
)
