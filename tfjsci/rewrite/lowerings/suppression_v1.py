"""NonMaxSuppression(boxes, scores, n)  ->  NonMaxSuppressionV2(boxes, scores, n, threshold): an attribute becomes an input"""

from __future__ import annotations

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build import Tensor, const, make
from tfjsci.rewrite.lowering import Lowering, Subject


def lower(node: Subject) -> Tensor:
    """The op's second version."""
    given = node.attr("iou_threshold")
    threshold = const(float(given) if isinstance(given, (int, float)) else 0.5)
    types = {"T": DType("float32"), "T_threshold": DType("float32")}
    return make("NonMaxSuppressionV2", [*node.inputs, threshold], dtype="int32", shape=(None,), **types)


LOWERING = Lowering(
    name="suppression_v1",
    ops=("NonMaxSuppression",),
    equation="NonMaxSuppression(boxes, scores, n) → NonMaxSuppressionV2(boxes, scores, n, threshold)",
    lower=lower,
)
