"""linear(x, w) + c  ->  BiasAdd(linear(x, w), c)

only where c is one number for each channel: a residual, a scalar on another axis or a full tensor stays an addition
(the runtime's fused kernels take a bias of rank 1 and nothing else).
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Constant
from tfjsci.rewrite.channels import (
    LINEAR,
    made_of,
    not_linear,
    output_channels,
    per_channel,
    rank_of_output,
    weight_name,
)
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, again


def rewrite(match: Match) -> Replacement | Declined:
    """The addend as a bias of shape [channels]."""
    linear, kernel, addend = match.nodes["linear"], match.value("kernel"), match.value("addend")
    if reason := not_linear(linear, kernel.value):
        return Declined(reason=reason)
    channels = output_channels(linear, kernel.value)
    bias = per_channel(addend.value, channels, rank_of_output(linear, kernel.value))
    if bias is None:
        return Declined(
            reason=f"the addend's shape {addend.value.shape} isn't one number for each of {channels} channels"
        )
    name = weight_name(addend, match.tensors["addend"])
    shift = Constant(value=np.array(bias), sources=made_of(addend))
    return Replacement(
        root=NewNode(
            name=match.root.name,
            op="BiasAdd",
            inputs=(again(linear), NewConst(name=name, constant=shift)),
            attrs={"T": match.root.attrs["T"], "data_format": b"NHWC"},
        )
    )


RULE = Rule(
    name="add_as_bias",
    equation="linear(x, w) + c -> BiasAdd(linear(x, w), c)",
    pattern=op(
        "AddV2|Add",
        op(LINEAR, any_tensor("x"), constant("kernel"), name="linear"),
        constant("addend"),
        name="add",
        either_order=True,
    ),
    rewrite=rewrite,
    where="c is one number a channel",
)
