"""linear(x, w) * c  ->  linear(x, w * c)

for all that multiplies with a kernel, where c is the same for all positions of a channel. With ``add_as_bias`` this folds
batch norm as Keras 3 writes it: Mul, then AddV2.
"""

from __future__ import annotations

from tfjsci.graph.graph import Constant
from tfjsci.rewrite.channels import (
    WEIGHTED,
    made_of,
    not_linear,
    out_of_range,
    output_channels,
    per_channel,
    rank_of_output,
    scaled,
    weight_name,
    with_kernel,
)
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, Replacement, Rule


def rewrite(match: Match) -> Replacement | Declined:
    """Scale the kernel; the linear node takes the Mul's name."""
    linear, kernel, factor = match.nodes["linear"], match.value("kernel"), match.value("factor")
    if reason := not_linear(linear, kernel.value):
        return Declined(reason=reason)
    channels = output_channels(linear, kernel.value)
    by = per_channel(factor.value, channels, rank_of_output(linear, kernel.value))
    if by is None:
        return Declined(
            reason=f"the factor's shape {factor.value.shape} isn't one number for each of {channels} channels"
        )
    name = weight_name(kernel, match.tensors["kernel"])
    folded = Constant(value=scaled(linear, kernel.value, by), sources=made_of(kernel, factor))
    if reason := out_of_range(kernel.value, folded.value, by):
        return Declined(reason=reason)
    return Replacement(root=with_kernel(linear, NewConst(name=name, constant=folded), name=match.root.name))


RULE = Rule(
    name="fold_scale",
    equation="linear(x, w) * c -> linear(x, w * c)",
    pattern=op(
        "Mul",
        op(WEIGHTED, any_tensor("first"), constant("kernel"), name="linear"),
        constant("factor"),
        name="mul",
        either_order=True,
    ),
    rewrite=rewrite,
    where="c is one number a channel",
)
