"""linear(x * s, w)  ->  linear(x, w * s);   linear(x * s + t, w)  ->  linear(x + t / s, w * s)

where s is one number for each channel that w reads: batch norm before a convolution, or preprocessing. Zeros that are padded are
zeros afterwards as before, so it holds for any padding. The shift stays before; ``fold_shift_before`` takes it where it can.
"""

from __future__ import annotations

from tfjsci.graph.graph import Constant
from tfjsci.rewrite.affine import along_channels, beside, flat, new_constant, plus, stretched, times, unscaled
from tfjsci.rewrite.channels import (
    STRAIGHT,
    TRANSPOSED,
    data_input,
    input_channels,
    made_of,
    not_linear,
    other_axis,
    out_of_range,
    per_channel,
    rank_of_output,
    scaled_inputs,
    weight_name,
)
from tfjsci.rewrite.pattern import Match, OpPattern, Pattern, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, Source, kept


def rewrite(match: Match) -> Replacement | Declined:
    """Scale the kernel; the Mul goes, and what is added is divided by the factor."""
    linear, kernel, scale = match.root, match.value("kernel"), match.value("scale")
    if reason := not_linear(linear, kernel.value):
        return Declined(reason=reason)
    channels = input_channels(linear, kernel.value)
    by = per_channel(scale.value, channels, rank_of_output(linear, kernel.value))
    if by is None:
        return Declined(
            reason=f"the factor's shape {scale.value.shape} isn't one number for each of {channels} channels that are read"
        )
    if reason := stretched(match.graph, match.tensors["x"], scale.value):
        return Declined(reason=reason)
    folded = scaled_inputs(linear, kernel.value, by)
    if reason := out_of_range(kernel.value, folded, by):
        return Declined(reason=reason)
    x = match.tensors["x"]
    before: Source = x
    if "shift" in match.tensors:
        shift, addition = match.value("shift"), match.nodes["addition"]
        if reason := other_axis(addition):
            return Declined(reason=reason)
        if not along_channels(shift.value) or shift.value.size not in (1, channels):
            return Declined(reason=f"the shift's shape {shift.value.shape} isn't one number for each channel")
        if reason := stretched(match.graph, match.tensors["x"], shift.value):
            return Declined(reason=reason)
        quotient = unscaled(flat(shift.value), flat(scale.value), shift.value.dtype)
        if isinstance(quotient, str):
            return Declined(reason=quotient)
        moved = new_constant(match.tensors["shift"], beside(match.graph, x, quotient), made_of(shift, scale))
        before = NewNode(name=addition.name, op="AddV2", inputs=(x, moved), attrs={"T": linear.attrs["T"]})
    weights = NewConst(
        name=weight_name(kernel, match.tensors["kernel"]),
        constant=Constant(value=folded, sources=made_of(kernel, scale)),
    )
    inputs: list[Source] = [*linear.inputs]
    inputs[1], inputs[data_input(linear)] = weights, before
    return Replacement(root=NewNode(name=linear.name, op=linear.op, inputs=tuple(inputs), attrs=kept(linear)))


def _of(x: Pattern) -> tuple[OpPattern, ...]:
    """Every linear op with this as what its kernel meets."""
    return (
        op(STRAIGHT, x, constant("kernel"), name="linear"),
        op(TRANSPOSED, any_tensor("sizes"), constant("kernel"), x, name="linear"),
    )


_SCALED = times(any_tensor("x"), "scale", name="scaled")

RULES = (
    *(
        Rule(
            name=f"fold_scale_before{suffix}",
            equation="linear(x * s, w) -> linear(x, w * s)",
            pattern=pattern,
            rewrite=rewrite,
            where="s is one number for each channel that is read",
        )
        for suffix, pattern in zip(("", "_transposed"), _of(_SCALED), strict=True)
    ),
    *(
        Rule(
            name=f"fold_scale_before_shift{suffix}",
            equation="linear(x * s + t, w) -> linear(x + t / s, w * s)",
            pattern=pattern,
            rewrite=rewrite,
            where="s is one number for each channel that is read",
        )
        for suffix, pattern in zip(("", "_transposed"), _of(plus(_SCALED, "shift", name="addition")), strict=True)
    ),
)
