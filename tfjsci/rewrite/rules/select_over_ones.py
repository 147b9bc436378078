"""Select(Fill(Shape(x), true) and m, x, c)  ->  Select(m, x, c)

Keras' attention begins its mask with one that lets everything through, of the size of all the scores.
"""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule, again, kept
from tfjsci.rewrite.symbolic.sizes import sizes_of


def rewrite(match: Match) -> Replacement | Declined:
    """Without the Fill, whose shape x has, too."""
    if not _true(match):
        return Declined(reason="the Fill isn't of true")
    sizes = sizes_of(match.graph)
    filled, shape = sizes.value(match.tensors["dims"]), sizes.shape(match.tensors["x"])
    if filled is None or shape is None or tuple(filled.reshape(-1)) != shape:
        return Declined(reason="the Fill hasn't the shape of what is selected")
    inputs = (match.tensors["mask"], match.tensors["x"], match.tensors["other"])
    return Replacement(root=NewNode(name=match.root.name, op="SelectV2", inputs=inputs, attrs=kept(match.root)))


def put_together(match: Match) -> Replacement | Declined:
    """The two masks first, so that the Fill stands alone."""
    if not _true(match):
        return Declined(reason="the Fill isn't of true")
    masks = NewNode(name="", op="LogicalAnd", inputs=(match.tensors["mask"], match.tensors["more"]))
    inputs = (again(match.nodes["ones"]), masks)
    return Replacement(root=NewNode(name=match.root.name, op="LogicalAnd", inputs=inputs))


def _true(match: Match) -> bool:
    return bool(np.all(match.value("true").value))


_ONES = op("Fill", any_tensor("dims"), constant("true"), name="ones")
_MASKED = op("LogicalAnd", _ONES, any_tensor("mask"), name="and", either_order=True)

RULE = Rule(
    name="select_over_ones",
    equation="Select(Fill(Shape(x), true) and m, x, c) -> Select(m, x, c)",
    pattern=op("SelectV2", _MASKED, any_tensor("x"), any_tensor("other"), name="select"),
    rewrite=rewrite,
)
MASKS_FIRST = Rule(
    name="masks_first",
    equation="(Fill(s, true) and m) and n -> Fill(s, true) and (m and n)",
    pattern=op("LogicalAnd", _MASKED, any_tensor("more"), name="whole", either_order=True),
    rewrite=put_together,
)

RULES = (MASKS_FIRST, RULE)
