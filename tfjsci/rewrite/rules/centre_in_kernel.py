"""y - Mean(y, channels), y = linear(x, w) + b  ->  linear(x, w - its mean) + (b - its mean)

the mean over the channels that go out: a layer norm behind a layer needs neither mean nor subtraction. More exact, as
the weights are centred in float64 and nothing large is computed only to be subtracted.
"""

from __future__ import annotations

from tfjsci.rewrite.channels import (
    less_mean,
    not_linear,
    other_axis,
    output_channels,
    outputs_before_inputs,
    weight_name,
)
from tfjsci.rewrite.pattern import Match, OpPattern, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, kept


def rewrite(match: Match) -> Replacement | Declined:
    """The layer with other weights, under the Sub's name."""
    linear, kernel, root = match.nodes["linear"], match.value("kernel"), match.root
    if reason := not_linear(linear, kernel.value) or other_axis(match.nodes.get("bias_add", linear)):
        return Declined(reason=reason)
    channels = output_channels(linear, kernel.value)
    if reason := _not_over_channels(match, channels):
        return Declined(reason=reason)
    centred = NewNode(
        name="" if "reshape" in match.nodes or "bias" in match.tensors else root.name,
        op=linear.op,
        inputs=(match.tensors["x"], _centred(match, "kernel", axis=-2 if outputs_before_inputs(linear) else -1)),
        attrs=kept(linear),
    )
    if "bias" in match.tensors:
        if match.value("bias").value.shape != (channels,):
            return Declined(reason="the bias isn't one number for each channel")
        name = "" if "reshape" in match.nodes else root.name
        inputs = (centred, _centred(match, "bias", axis=-1))
        centred = NewNode(name=name, op="BiasAdd", inputs=inputs, attrs=kept(match.nodes["bias_add"]))
    if "reshape" in match.nodes:
        reshape = match.nodes["reshape"]
        inputs_of_reshape = (centred, match.tensors["shape"])
        centred = NewNode(name=root.name, op="Reshape", inputs=inputs_of_reshape, attrs=kept(reshape))
    return Replacement(root=centred)


def _not_over_channels(match: Match, channels: int) -> str | None:
    """Why the mean isn't of the layer's channels, each place for itself, or None if it is."""
    mean, axes = match.nodes["mean"], match.value("axes").value
    if not mean.attrs.get("keep_dims"):
        return "the mean drops its dimension"
    rank = 2 if match.nodes["linear"].op == "MatMul" else 4
    if "reshape" in match.nodes:
        shape = match.value("shape").value
        rank = shape.size
        if not rank or int(shape[-1]) != channels:
            return "the channels don't stay together"
    if axes.size != 1 or int(axes.reshape(-1)[0]) not in (-1, rank - 1):
        return "the mean isn't over the channels"
    return None


def _centred(match: Match, name: str, *, axis: int) -> NewConst:
    given = match.value(name)
    return NewConst(name=weight_name(given, match.tensors[name]), constant=less_mean(given, axis))


LAYER = op("Conv2D|MatMul", any_tensor("x"), constant("kernel"), name="linear")
BIASED = op("BiasAdd", LAYER, constant("bias"), name="bias_add")


def _rule(name: str, y: OpPattern) -> Rule:
    mean = op("Mean", y, constant("axes"), name="mean")
    return Rule(
        name=name,
        equation="y - Mean(y, channels), y = linear(x, w) + b -> linear(x, w - its mean) + (b - its mean)",
        pattern=op("Sub", y, mean, name="centred"),
        rewrite=rewrite,
        where="nobody else reads y",
    )


RULES = (
    _rule("centre_in_kernel", BIASED),
    _rule("centre_in_kernel_without_bias", LAYER),
    _rule("centre_in_kernel_reshaped", op("Reshape", BIASED, constant("shape"), name="reshape")),
    _rule("centre_in_kernel_reshaped_without_bias", op("Reshape", LAYER, constant("shape"), name="reshape")),
)
