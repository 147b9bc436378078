"""SoftmaxCrossEntropyWithLogits(x, labels)  ->  -Sum(labels · LogSoftmax(x)), and Softmax(x) - labels

SparseSoftmaxCrossEntropyWithLogits has the number of the only label that is 1.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, arange, cast, equal, expand, reduce, size, unary, where
from tfjsci.rewrite.lowering import Lowering, Subject


def lower(node: Subject) -> tuple[Tensor, ...]:
    """The loss, and its gradient by x."""
    x, labels = node.inputs
    logarithms, probabilities = unary("LogSoftmax", x), unary("Softmax", x)
    if node.op == "SoftmaxCrossEntropyWithLogits":
        return -reduce("Sum", labels * logarithms, [-1]), probabilities - labels
    right = equal(expand(cast(labels, "int32"), 1), expand(arange(size(x, 1)), 0))
    # Select, because the logarithm of another one may be -inf, which times 0 is NaN.
    return -reduce("Sum", where(right, logarithms, 0), [1]), probabilities - cast(right, x.dtype)


LOWERING = Lowering(
    name="softmax_cross_entropy",
    ops=("SoftmaxCrossEntropyWithLogits", "SparseSoftmaxCrossEntropyWithLogits"),
    equation="SoftmaxCrossEntropyWithLogits(x, labels) → −Sum(labels · LogSoftmax(x)); Softmax(x) − labels",
    lower=lower,
)
