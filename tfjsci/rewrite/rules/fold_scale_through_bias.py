"""(linear(x, w) + b) * c  ->  linear(x, w * c) + b * c

Batch norm after a convolution that has a bias of its own.
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
    scaled,
    weight_name,
)
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, kept


def rewrite(match: Match) -> Replacement | Declined:
    """Scale the kernel and the bias; the BiasAdd takes the Mul's name."""
    linear, bias_add = match.nodes["linear"], match.nodes["bias_add"]
    kernel, bias, factor = match.value("kernel"), match.value("bias"), match.value("factor")
    if reason := not_linear(linear, kernel.value) or other_axis(bias_add):
        return Declined(reason=reason)
    channels = output_channels(linear, kernel.value)
    by = per_channel(factor.value, channels, rank_of_output(linear))
    if by is None:
        return Declined(
            reason=f"the factor's shape {factor.value.shape} isn't one number for each of {channels} channels"
        )
    shifted = (bias.value.astype(np.float64) * by.astype(np.float64)).astype(bias.value.dtype)
    new_kernel = NewConst(
        name=weight_name(kernel, match.tensors["kernel"]),
        constant=Constant(value=scaled(linear, kernel.value, by), sources=made_of(kernel, factor)),
    )
    new_bias = NewConst(
        name=weight_name(bias, match.tensors["bias"]),
        constant=Constant(value=shifted, sources=made_of(bias, factor)),
    )
    inner = NewNode(name=linear.name, op=linear.op, inputs=(match.tensors["x"], new_kernel), attrs=kept(linear))
    return Replacement(root=NewNode(name=match.root.name, op="BiasAdd", inputs=(inner, new_bias), attrs=kept(bias_add)))


RULE = Rule(
    name="fold_scale_through_bias",
    equation="(linear(x, w) + b) * c -> linear(x, w * c) + b * c",
    pattern=op(
        "Mul",
        op(
            "BiasAdd",
            op(LINEAR, any_tensor("x"), constant("kernel"), name="linear"),
            constant("bias"),
            name="bias_add",
        ),
        constant("factor"),
        name="mul",
        either_order=True,
    ),
    rewrite=rewrite,
)
