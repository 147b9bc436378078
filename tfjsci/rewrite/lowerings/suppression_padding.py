"""NonMaxSuppressionV4(padded to n)  ->  NonMaxSuppressionV4(padded to the boxes there are), then zeros; V5 by V4 likewise

The runtime pads to the number of boxes at most, and V5 not at all; it doesn't count V5's results either.
"""

from __future__ import annotations

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build import Dim, Tensor, arange, cast, const, gather, make_many, pad, scalar, size
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> tuple[Tensor, ...] | Declined:
    """Sizes that are known beforehand stay so: a size reckoned on the GPU isn't there when a kernel asks for it."""
    boxes, scores = node.inputs[:2]
    padded = node.flag("pad_to_max_output_size", False)
    if node.op == "NonMaxSuppressionV4":
        count, there = node.number_in(2), boxes.sizes[0]
        if not padded or (count is not None and there is not None and count <= there):
            return Declined(reason="it isn't padded beyond the boxes that there are")
        return _padded(node, node.inputs[:5])
    sigma = node.value(5)
    if sigma is None or sigma.any():
        return Declined(reason="it suppresses softly")
    if padded:
        indices, valid = _padded(node, node.inputs[:5])
        chosen = gather(scores, indices)
        return indices, chosen * cast(arange(size(indices, 0)) < valid, chosen.dtype), valid
    if not node.uses_output(2):
        return Declined(reason="it is neither padded nor counted")
    types = [("int32", (None,)), (scores.dtype, (None,)), ("int32", ())]
    indices, chosen, _ = make_many("NonMaxSuppressionV5", node.inputs, types, **node.node.attrs)
    return indices, chosen, scalar(size(indices, 0))


def _padded(node: Subject, inputs: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
    count, there = node.number_in(2), inputs[0].sizes[0]
    wanted: Dim = inputs[2] if count is None else count
    reachable = min(count, there) if count is not None and there is not None else None
    made = list(inputs)
    if reachable is not None:
        made[2] = const(reachable)
    indices, valid = make_many(
        "NonMaxSuppressionV4",
        made,
        [("int32", (reachable,)), ("int32", ())],
        T=DType(inputs[0].dtype),
        T_threshold=DType(inputs[3].dtype),
        pad_to_max_output_size=reachable is not None,
    )
    if reachable is None:
        missing: Dim = scalar(wanted) - valid
    else:
        assert count is not None
        missing = count - reachable
        if missing == 0:
            return indices, valid
    return pad(indices, [(0, missing)]), valid


LOWERING = Lowering(
    name="suppression_padding",
    ops=("NonMaxSuppressionV4", "NonMaxSuppressionV5"),
    equation="NonMaxSuppressionV4(padded to n) → NonMaxSuppressionV4(padded to the boxes there are), then zeros",
    lower=lower,
)
