"""Cumsum(x, axis)  ->  the axis counted from the front; forwards, between two ReverseV2; along the last dimension; and Cumprod

One at a time, as a backend needs it: none understands a negative axis, webgpu keeps one shader for reversed scans of all
lengths, and scans integers along the last dimension only.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, move, reverse, running
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """The op with another axis or direction."""
    x = node.inputs[0]
    given = node.number_in(1)
    if given is None:
        return Declined(reason="the axis isn't constant")
    axis, exclusive, backwards = given % x.rank, node.flag("exclusive", False), node.flag("reverse", False)
    if given < 0:
        return running(node.op, x, axis, exclusive=exclusive, reverse=backwards)
    if "webgpu" not in node.backends:
        return Declined(reason="its axis and direction are right already")
    if backwards:
        return reverse(running(node.op, reverse(x, axis), axis, exclusive=exclusive), axis)
    if x.integer and axis != x.rank - 1:
        return move(running(node.op, move(x, axis, -1), -1, exclusive=exclusive), -1, axis)
    return Declined(reason="its axis and direction are right already")


LOWERING = Lowering(
    name="scan",
    ops=("Cumsum", "Cumprod"),
    equation="Cumsum(x, -1) → Cumsum(x, rank − 1); reversed: ReverseV2(Cumsum(ReverseV2(x)))",
    lower=lower,
    limits="The axis must be constant.",
)
