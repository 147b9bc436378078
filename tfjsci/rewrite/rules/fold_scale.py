"""linear(x, w) * c  ->  linear(x, w * c)

for Conv2D, DepthwiseConv2dNative and MatMul, where c is the same for all positions of a channel. With
``add_as_bias`` this folds batch norm as Keras 3 writes it: Mul, then AddV2.
"""

from __future__ import annotations

from tfjsci.graph.graph import Constant
from tfjsci.rewrite.channels import (
    LINEAR,
    made_of,
    not_linear,
    output_channels,
    per_channel,
    rank_of_output,
    scaled,
    weight_name,
)
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, kept


def rewrite(match: Match) -> Replacement | Declined:
    """Scale the kernel; the linear node takes the Mul's name."""
    linear, kernel, factor = match.nodes["linear"], match.value("kernel"), match.value("factor")
    if reason := not_linear(linear, kernel.value):
        return Declined(reason=reason)
    channels = output_channels(linear, kernel.value)
    by = per_channel(factor.value, channels, rank_of_output(linear))
    if by is None:
        return Declined(
            reason=f"the factor's shape {factor.value.shape} isn't one number for each of {channels} channels"
        )
    name = weight_name(kernel, match.tensors["kernel"])
    folded = Constant(value=scaled(linear, kernel.value, by), sources=made_of(kernel, factor))
    return Replacement(
        root=NewNode(
            name=match.root.name,
            op=linear.op,
            inputs=(match.tensors["x"], NewConst(name=name, constant=folded)),
            attrs=kept(linear),
        )
    )


RULE = Rule(
    name="fold_scale",
    equation="linear(x, w) * c -> linear(x, w * c)",
    pattern=op(
        "Mul",
        op(LINEAR, any_tensor("x"), constant("kernel"), name="linear"),
        constant("factor"),
        name="mul",
        either_order=True,
    ),
    rewrite=rewrite,
)
