"""InTopK(scores, targets, k)  ->  fewer than k scores are above the target's, which is there, and all are finite"""

from __future__ import annotations

from tfjsci.rewrite.build import (
    Operand,
    Tensor,
    arange,
    both,
    cast,
    expand,
    gather,
    maximum,
    minimum,
    reduce,
    reshape,
    scalar,
    size,
    unary,
)
from tfjsci.rewrite.lowering import Lowering, Subject


def lower(node: Subject) -> Tensor:
    """The targets' scores by GatherV2, a Sum of comparisons, and what makes the answer no."""
    scores, given, *wanted = node.inputs
    rows, classes = size(scores, 0), size(scores, 1)
    last = scalar(classes)
    targets = cast(given, "int32")
    start = arange(rows) * last
    at = start + minimum(maximum(targets, 0), last - 1)
    own = gather(reshape(scores, [-1]), at)
    above = reduce("Sum", cast(scores > expand(own, 1), "int32"), [1])
    known = node.number_in(2)
    k: Operand = node.number("k", 1)
    if wanted:
        k = known if known is not None else cast(reshape(wanted[0], []), "int32")
    there = both(targets >= 0, targets < last)
    return both(both(above < k, there), reduce("All", unary("IsFinite", scores), [1]))


LOWERING = Lowering(
    name="in_top_k",
    ops=("InTopK", "InTopKV2"),
    equation="InTopK(scores, targets, k) → Sum(scores > score of the target) < k",
    lower=lower,
)
