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


def rewrite(match: Match) -> Replacement | Declined:
    """The same with a constant that is raised."""
    select, given = match.nodes["select"], match.value("masked")
    low, lowest = float(given.value.max(initial=-np.inf)), float(given.value.min(initial=np.inf))
    if not (np.isfinite(lowest) and low < LOWEST):
        return Declined(reason=f"what is masked is {lowest:g}, which every backend can compare")
    raised = np.full(given.value.shape, LOWEST, given.value.dtype)
    name = f"{match.tensors['masked']}/raised"
    new = NewConst(name=name, constant=Constant(value=raised, sources=made_of(given)))
    again = NewNode(
        name=select.name, op="SelectV2", inputs=(match.tensors["mask"], match.tensors["x"], new), attrs=kept(select)
    )
    return Replacement(root=NewNode(name=match.root.name, op=match.root.op, inputs=(again,), attrs=kept(match.root)))


RULE = Rule(
    name="bounded_mask",
    equation="Softmax(Select(m, x, c)) -> Softmax(Select(m, x, -9e19))",
    pattern=op(
        "Softmax|LogSoftmax",
        op("SelectV2", any_tensor("mask"), any_tensor("x"), constant("masked"), name="select"),
        name="softmax",
    ),
    rewrite=rewrite,
)
