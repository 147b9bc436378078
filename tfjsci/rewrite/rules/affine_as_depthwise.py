"""f(x * s + t)  ->  f(BiasAdd(DepthwiseConv2dNative(x, s), t))

where s and t are one number a channel and f is an activation that fuses: what is left of a batch norm before a Relu
that no kernel takes in (ResNetV2, DenseNet, NASNet). With bias and activation fused, a depthwise convolution of one
weight a channel is one kernel where there were three. Where there were two (no scale, or no activation) it doesn't pay.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Array, Constant
from tfjsci.rewrite.affine import ADDITIONS, FEWEST_CHANNELS, depthwise_channels
from tfjsci.rewrite.channels import made_of, other_axis, per_channel, weight_name
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, kept


def rewrite(match: Match) -> Replacement | Declined:
    """The convolution and its bias, and the activation behind it as it was."""
    addition = match.nodes["addition"]
    if addition.op == "BiasAdd" and (reason := other_axis(addition)):
        return Declined(reason=reason)
    channels = depthwise_channels(match.graph, match.tensors["x"])
    if isinstance(channels, str):
        return Declined(reason=channels)
    shift = match.value("shift")
    by = per_channel(shift.value, channels, 4)
    scale = match.value("scale")
    factor = per_channel(scale.value, channels, 4)
    if by is None or factor is None:
        return Declined(reason=f"the constants aren't one number for each of {channels} channels")
    return Replacement(root=_root(match, channels, scale, factor, shift, by))


def _root(match: Match, channels: int, scale: Constant, factor: Array, shift: Constant, by: Array) -> NewNode:
    dtype = {"T": match.root.attrs["T"]}
    kernel = NewConst(
        name=weight_name(scale, match.tensors["scale"]),
        constant=Constant(value=np.array(factor).reshape(1, 1, channels, 1), sources=made_of(scale)),
    )
    bias = NewConst(
        name=weight_name(shift, match.tensors["shift"]),
        constant=Constant(value=np.array(by), sources=made_of(shift)),
    )
    attrs = {
        **dtype,
        "strides": (1, 1, 1, 1),
        "dilations": (1, 1, 1, 1),
        "padding": b"VALID",
        "data_format": b"NHWC",
        "explicit_paddings": (),
    }
    scaled = NewNode(name="", op="DepthwiseConv2dNative", inputs=(match.tensors["x"], kernel), attrs=attrs)
    shifted = NewNode(
        name=match.nodes["addition"].name, op="BiasAdd", inputs=(scaled, bias), attrs={**dtype, "data_format": b"NHWC"}
    )
    activation = match.root
    return NewNode(name=activation.name, op=activation.op, inputs=(shifted,), attrs=kept(activation))


ACTIVATIONS = "Relu|Relu6|Elu|Sigmoid"
"""What the depthwise kernels have."""

RULE = Rule(
    name="affine_as_depthwise",
    equation="f(x * s + t) -> f(BiasAdd(DepthwiseConv2dNative(x, s), t))",
    pattern=op(
        ACTIVATIONS,
        op(
            ADDITIONS,
            op("Mul", any_tensor("x"), constant("scale"), name="scaling", either_order=True),
            constant("shift"),
            name="addition",
            either_order=True,
        ),
        name="activation",
    ),
    rewrite=rewrite,
    where=f"x has 4 dimensions and {FEWEST_CHANNELS} channels or more, and f is Relu, Relu6, Elu or Sigmoid",
)
