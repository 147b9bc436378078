"""BiasAdd(linear, b) + c  ->  BiasAdd(linear, b + c)

where c is one number for each channel.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Constant
from tfjsci.rewrite.channels import (
    LINEAR,
    made_of,
    not_linear,
    other_axis,
    output_channels,
    per_channel,
    rank_of_output,
    weight_name,
)
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, again, kept


def rewrite(match: Match) -> Replacement | Declined:
    """One bias out of two; the linear node stays as it is."""
    linear, bias_add = match.nodes["linear"], match.nodes["bias_add"]
    bias, addend = match.value("bias"), match.value("addend")
    if reason := not_linear(linear, match.value("kernel").value) or other_axis(bias_add) or other_axis(match.root):
        return Declined(reason=reason)
    channels = output_channels(linear, match.value("kernel").value)
    more = per_channel(addend.value, channels, rank_of_output(linear, match.value("kernel").value))
    if more is None:
        return Declined(
            reason=f"the addend's shape {addend.value.shape} isn't one number for each of {channels} channels"
        )
    total = (bias.value.astype(np.float64) + more.astype(np.float64)).astype(bias.value.dtype)
    new_bias = NewConst(
        name=weight_name(bias, match.tensors["bias"]),
        constant=Constant(value=total, sources=made_of(bias, addend)),
    )
    return Replacement(
        root=NewNode(name=match.root.name, op="BiasAdd", inputs=(again(linear), new_bias), attrs=kept(bias_add))
    )


_BIASED = f"{LINEAR}|Conv2DBackpropInput"

RULE = Rule(
    name="merge_biases",
    equation="BiasAdd(linear, b) + c -> BiasAdd(linear, b + c)",
    pattern=op(
        "AddV2|Add|BiasAdd",
        op(
            "BiasAdd",
            op(_BIASED, any_tensor("first"), constant("kernel"), name="linear"),
            constant("bias"),
            name="bias_add",
        ),
        constant("addend"),
        name="add",
        either_order=True,
    ),
    rewrite=rewrite,
    where="c is one number a channel",
)
