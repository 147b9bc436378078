"""NonMaxSuppressionV5(boxes, scores, n, sigma > 0)  ->  n times the best box, then all scores times exp(-overlap² / 2σ)

The runtime drops what overlaps too much, whatever sigma says. Written out: some twenty nodes for each box to pick.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor
from tfjsci.rewrite.formulas.suppression import MOST, TOO_MANY, UNKNOWN_COUNT, Overlaps, picked, softened
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> tuple[Tensor, ...] | Declined:
    """Indices, scores, and how many they are."""
    sigma, count = node.value(5), node.number_in(2)
    if sigma is None:
        return Declined(reason="soft_nms_sigma isn't known before the model runs")
    if not sigma.any():
        return Declined(reason="soft_nms_sigma is 0")
    if count is None:
        return UNKNOWN_COUNT
    if count > MOST:
        return TOO_MANY
    boxes, scores, _, _, threshold = node.inputs[:5]
    if count < 1 or boxes.sizes[0] == 0:
        return Declined(reason="there is nothing to pick")
    overlaps = Overlaps.of(boxes)
    made = picked(scores, threshold, count, softened(overlaps, float(sigma.reshape(-1)[0])))
    return made.padded if node.flag("pad_to_max_output_size", False) else made.alone


LOWERING = Lowering(
    name="suppression_softly",
    ops=("NonMaxSuppressionV5",),
    equation="NonMaxSuppressionV5(boxes, scores, n, σ > 0) → n times: the best, then all scores · exp(−overlap² / 2σ)",
    lower=lower,
)
