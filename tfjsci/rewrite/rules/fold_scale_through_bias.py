"""(linear(x, w) + b) * c  ->  linear(x, w * c) + b * c

Batch norm after a convolution that has a bias of its own. What is added may have any shape.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Array, Constant
from tfjsci.rewrite.channels import (
    WEIGHTED,
    made_of,
    narrowed,
    not_linear,
    other_axis,
    out_of_range,
    output_channels,
    per_channel,
    rank_of_output,
    scaled,
    weight_name,
    wide,
    with_kernel,
)
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, kept


def rewrite(match: Match) -> Replacement | Declined:
    """Scale the kernel and the bias; the addition takes the Mul's name."""
    linear, addition = match.nodes["linear"], match.nodes["addition"]
    kernel, bias, factor = match.value("kernel"), match.value("bias"), match.value("factor")
    if reason := not_linear(linear, kernel.value) or other_axis(addition):
        return Declined(reason=reason)
    if addition.op == "BiasAdd" and addition.inputs[0] != linear.name:
        return Declined(reason="it is the bias that is a product")
    channels, rank = output_channels(linear, kernel.value), rank_of_output(linear, kernel.value)
    by = per_channel(factor.value, channels, rank)
    if by is None:
        return Declined(
            reason=f"the factor's shape {factor.value.shape} isn't one number for each of {channels} channels"
        )
    shifted = _times(bias.value, by, rank)
    if shifted is None:
        return Declined(reason=f"the bias has shape {bias.value.shape}: the factor would make it larger")
    folded = scaled(linear, kernel.value, by)
    if reason := out_of_range(kernel.value, folded, by) or out_of_range(bias.value, shifted, by):
        return Declined(reason=reason)
    new_kernel = NewConst(
        name=weight_name(kernel, match.tensors["kernel"]),
        constant=Constant(value=folded, sources=made_of(kernel, factor)),
    )
    new_bias = NewConst(
        name=weight_name(bias, match.tensors["bias"]),
        constant=Constant(value=shifted, sources=made_of(bias, factor)),
    )
    inner = with_kernel(linear, new_kernel, name=linear.name)
    return Replacement(
        root=NewNode(name=match.root.name, op=addition.op, inputs=(inner, new_bias), attrs=kept(addition))
    )


def _times(bias: Array, by: Array, rank: int) -> Array | None:
    """What was added, times the factor; None if that had more values and was more than one number before."""
    if bias.size == 1 and bias.ndim <= rank:
        bias = bias.reshape((1,) * (2 if rank > 4 else 1))  # webgpu combines a vector and 5 dimensions wrongly
    elif bias.ndim == 0 or bias.shape[-1] != by.size:
        return None
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        return narrowed(wide(bias) * wide(by), bias.dtype)


RULE = Rule(
    name="fold_scale_through_bias",
    equation="(linear(x, w) + b) * c -> linear(x, w * c) + b * c",
    pattern=op(
        "Mul",
        op(
            "BiasAdd|AddV2|Add",
            op(WEIGHTED, any_tensor("first"), constant("kernel"), name="linear"),
            constant("bias"),
            name="addition",
            either_order=True,
        ),
        constant("factor"),
        name="mul",
        either_order=True,
    ),
    rewrite=rewrite,
    where="c is one number a channel",
)
