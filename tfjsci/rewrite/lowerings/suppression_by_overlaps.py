"""NonMaxSuppressionWithOverlaps(overlaps, scores, n)  ->  n times the best box, then out with those whose overlap is too large"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor
from tfjsci.rewrite.formulas.suppression import MOST, TOO_MANY, UNKNOWN_COUNT, cut, picked
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """The rows of the matrix that were picked, one after the other."""
    overlaps, scores, _, largest, threshold = node.inputs
    count = node.number_in(2)
    if count is None:
        return UNKNOWN_COUNT
    if count > MOST:
        return TOO_MANY
    if count < 1 or scores.sizes[0] == 0:
        return Declined(reason="there is nothing to pick")
    return picked(scores, threshold, count, cut(overlaps, largest)).alone[0]


LOWERING = Lowering(
    name="suppression_by_overlaps",
    ops=("NonMaxSuppressionWithOverlaps",),
    equation="NonMaxSuppressionWithOverlaps(o, scores, n) → n times: the best, then out with o > threshold",
    lower=lower,
)
