"""CumulativeLogsumexp(x)  ->  m + Log(Sum(Exp(where(j ≤ i, x, -inf) - m))) with m their Max

Every place looks at all the others along the axis, so that none is lost beside a much larger one: n times as many numbers as
x has.
"""

from __future__ import annotations

import math

import numpy as np

from tfjsci.rewrite.build import (
    Tensor,
    arange,
    const,
    dims,
    maximum,
    minimum,
    move,
    product,
    reduce,
    reshape,
    size,
    unary,
    where,
)
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

LARGEST = 1 << 26
"""Numbers that may be looked at once: 256 MiB of floats."""


def lower(node: Subject) -> Tensor | Declined:
    """SelectV2, Max, Exp, Sum and Log over a dimension more."""
    x, _ = node.inputs
    given = node.number_in(1)
    if given is None:
        return Declined(reason="the axis isn't constant")
    axis = given % x.rank
    count = size(x, axis)
    if None not in x.sizes and math.prod(x.static_sizes) * x.static_sizes[axis] > LARGEST:
        return Declined(reason=f"{x.static_sizes[axis]} numbers are too many to look at one another")
    last = move(x, axis, -1)
    others = [n for i, n in enumerate(dims(x)) if i != axis]
    rows = reshape(last, [product(others), 1, count])
    taken = _taken(node, reshape(arange(count), [count, 1]), reshape(arange(count), [1, count]))
    seen = where(taken, rows, const(-np.inf, x.dtype))
    info = np.finfo(x.dtype)
    top = minimum(maximum(reduce("Max", seen, [-1], keep=True), float(info.min)), float(info.max))
    parts = reduce("Sum", unary("Exp", seen - top), [-1], keep=True)
    total = where(parts > 0, unary("Log", parts) + top, const(-np.inf, x.dtype))  # a GPU's log of 0 may be finite
    return move(reshape(total, [*others, count]), -1, axis)


def _taken(node: Subject, i: Tensor, j: Tensor) -> Tensor:
    """Which numbers j count for place i."""
    if node.flag("exclusive", False):
        return i < j if node.flag("reverse", False) else i > j
    return i <= j if node.flag("reverse", False) else i >= j


LOWERING = Lowering(
    name="cumulative_logsumexp",
    ops=("CumulativeLogsumexp",),
    equation="CumulativeLogsumexp(x) → m + Log(Sum(Exp(where(j ≤ i, x, −inf) − m)))",
    lower=lower,
    limits="The axis must be constant; at most 2²⁶ numbers are compared at once.",
)
