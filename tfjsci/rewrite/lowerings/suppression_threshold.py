"""NonMaxSuppressionV3(…, threshold)  ->  NonMaxSuppressionV3(…, the next float above the threshold)

The runtime drops a box that overlaps by exactly the threshold, TensorFlow keeps it: with 0, all boxes but one would go, and with
1, equal ones. Nothing is above a threshold of 1: boxes without area take their place, which overlap nothing.
"""

from __future__ import annotations

import numpy as np

from tfjsci.catalog.restrictions.images import is_round
from tfjsci.rewrite.build import Tensor, const, make_many
from tfjsci.rewrite.formulas.complex_parts import zeros_like
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

_LEAST = np.float32(1e-30)
"""Above 0, and no float so small that a backend makes it 0."""


def lower(node: Subject) -> tuple[Tensor, ...] | Declined:
    """The node with another constant."""
    written = node.value(3)
    if written is None or not is_round(written):
        return Declined(reason="no overlap is exactly the threshold")
    boxes, *others = node.inputs
    threshold = np.float32(written.reshape(-1)[0])
    if threshold >= 1:
        boxes, threshold = zeros_like(boxes), np.float32(0.5)
    others[2] = const(np.array(max(np.nextafter(threshold, np.float32(1)), _LEAST), written.dtype))
    count = {"NonMaxSuppressionV4": 2, "NonMaxSuppressionV5": 3}.get(node.op, 1)
    known = [node.output(i) for i in range(count)]
    types = [(each.dtype, each.shape) for each in known if each is not None]
    if len(types) < count:
        return Declined(reason="the types of its outputs aren't known")
    return make_many(node.op, [boxes, *others], types, **node.node.attrs)


LOWERING = Lowering(
    name="suppression_threshold",
    ops=("NonMaxSuppressionV2", "NonMaxSuppressionV3", "NonMaxSuppressionV4", "NonMaxSuppressionV5"),
    equation="NonMaxSuppressionV3(…, threshold) → NonMaxSuppressionV3(…, the next float)",
    lower=lower,
)
