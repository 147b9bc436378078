"""f(x + t)  ->  f(x) + t'

where f passes an addend on (a pool, a mean, a Reshape …) and it ends in the bias of a layer behind, or f makes the tensor
smaller. Pools don't count what they pad, so the addend is the same for every window.
"""

from __future__ import annotations

from tfjsci.rewrite.affine import (
    along_channels,
    beside,
    flat,
    new_constant,
    plus,
    stretched,
    too_large_a_shift,
    unknown_rank,
)
from tfjsci.rewrite.channels import other_axis
from tfjsci.rewrite.passing import SHIFT_PASSES, SHRINKING, is_linear, shift_behind, shift_ends_in_bias
from tfjsci.rewrite.pattern import Match, any_tensor, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule, kept


def rewrite(match: Match) -> Replacement | Declined:
    """f on what was added to, and the addition behind it."""
    f, shift, x = match.root, match.value("shift"), match.tensors["x"]
    if not along_channels(shift.value):
        return Declined(reason=f"the shift's shape {shift.value.shape} isn't one number for each channel")
    if shift.value.dtype.kind != "f":
        return Declined(reason="the shift isn't floating")
    reason = (
        other_axis(match.nodes["addition"]) or stretched(match.graph, x, shift.value) or too_large_a_shift(shift.value)
    )
    if reason:
        return Declined(reason=reason)
    if is_linear(match.graph, x):
        return Declined(reason="the shift is a bias already", moot=True)
    behind = shift_behind(match.graph, f, flat(shift.value))
    if isinstance(behind, str):
        return Declined(reason=behind)
    if reason := unknown_rank(match.graph, f.name, behind):
        return Declined(reason=reason)
    if f.op not in SHRINKING and not shift_ends_in_bias(match.graph, f.name, behind):
        return Declined(reason="no bias behind could take the shift in")
    attrs = {"T": match.nodes["addition"].attrs["T"]}
    made = NewNode(name="", op=f.op, inputs=(x, *f.inputs[1:]), attrs=kept(f))
    again = new_constant(match.tensors["shift"], beside(match.graph, f.name, behind), shift.sources)
    return Replacement(root=NewNode(name=f.name, op="AddV2", inputs=(made, again), attrs=attrs))


RULE = Rule(
    name="sink_shift",
    equation="f(x + t) -> f(x) + t'",
    pattern=op("|".join(sorted(SHIFT_PASSES)), plus(any_tensor("x"), "shift", name="addition"), name="f"),
    rewrite=rewrite,
    where="a bias behind takes the shift in, or f makes less of the tensor",
)
