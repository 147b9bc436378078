"""f(Pad(linear(x, w), p), c)  ->  Pad(f(linear(x, w), c), p)

where zeros are padded, and f is a factor or an activation that leaves a zero alone: before the Pad, the kernel takes f in. Of a
batch norm behind a Pad the shift stays there, since what is padded has it, too.
"""

from __future__ import annotations

from tfjsci.rewrite.affine import ADDITIONS, along_channels
from tfjsci.rewrite.batch_norm import NORMS, STATISTICS, factor_and_shift, not_for_inference
from tfjsci.rewrite.channels import LINEAR, not_linear, other_axis, output_channels, weight_name
from tfjsci.rewrite.pattern import Match, OpPattern, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, Source, again, kept

ACTIVATIONS = "Elu|LeakyRelu|Relu|Relu6"
"""What can be fused and gives 0 of 0: a Sigmoid gives a half."""


def rewrite(match: Match) -> Replacement | Declined:
    """The Pad last."""
    f, pad, linear = match.root, match.nodes["pad"], match.nodes["linear"]
    if reason := _cant_be_lifted(match):
        return Declined(reason=reason)
    if "c" in match.tensors:
        value = match.value("c").value
        channels = output_channels(linear, match.value("kernel").value)
        if not along_channels(value) or value.ndim > 4 or value.size not in (1, channels):
            return Declined(reason=f"the constant's shape {value.shape} isn't one number for each channel")
    operands: list[Source] = [_before(match) if tensor == pad.name else tensor for tensor in f.inputs]
    made = NewNode(name="", op=f.op, inputs=tuple(operands), attrs=kept(f))
    return Replacement(root=NewNode(name=f.name, op="Pad", inputs=(made, match.tensors["paddings"]), attrs=kept(pad)))


def rewrite_norm(match: Match) -> Replacement | Declined:
    """The norm's factor before the Pad, its shift behind it."""
    norm, pad = match.root, match.nodes["pad"]
    if reason := _cant_be_lifted(match) or not_for_inference(norm):
        return Declined(reason=reason)
    factor, shift = factor_and_shift(match)
    attrs = {"T": norm.attrs["T"]}
    scale = NewConst(name=weight_name(match.value("gamma"), match.tensors["gamma"]), constant=factor)
    offset = NewConst(name=weight_name(match.value("beta"), match.tensors["beta"]), constant=shift)
    scaled = NewNode(name=f"{norm.name}/scaled", op="Mul", inputs=(_before(match), scale), attrs=attrs)
    padded = NewNode(name=pad.name, op="Pad", inputs=(scaled, match.tensors["paddings"]), attrs=kept(pad))
    return Replacement(root=NewNode(name=norm.name, op="AddV2", inputs=(padded, offset), attrs=attrs))


def _cant_be_lifted(match: Match) -> str | None:
    linear, around = match.nodes["linear"], match.value("paddings").value
    if reason := not_linear(linear, match.value("kernel").value) or other_axis(match.nodes.get("inner", linear)):
        return reason
    if around.shape[-1:] != (2,) or around[-1].any():
        return "the channels are padded"
    return None


def _before(match: Match) -> Source:
    """What is padded: the kernel's result, with its bias."""
    linear = match.nodes["linear"]
    if "inner" not in match.nodes:
        return again(linear)
    inner = match.nodes["inner"]
    sides: list[Source] = [again(linear) if tensor == linear.name else tensor for tensor in inner.inputs]
    return NewNode(name=inner.name, op=inner.op, inputs=tuple(sides), attrs=kept(inner))


def _rules(name: str, before: OpPattern) -> tuple[Rule, ...]:
    pad = op("Pad", before, constant("paddings"), name="pad")
    return (
        Rule(
            name=name,
            equation="f(Pad(linear(x, w), p)) -> Pad(f(linear(x, w)), p)",
            pattern=op(ACTIVATIONS, pad, name="f"),
            rewrite=rewrite,
            where="zeros are padded, not channels, and f gives 0 of 0",
        ),
        Rule(
            name=f"{name}_with_constant",
            equation="Pad(linear(x, w), p) * c -> Pad(linear(x, w) * c, p)",
            pattern=op("Mul", pad, constant("c"), name="f", either_order=True),
            rewrite=rewrite,
            where="zeros are padded, not channels",
        ),
        Rule(
            name=f"{name}_with_norm",
            equation="FusedBatchNorm(Pad(linear(x, w), p)) -> Pad(linear(x, w) * s, p) + t",
            pattern=op(NORMS, pad, *STATISTICS, name="norm"),
            rewrite=rewrite_norm,
            where="zeros are padded, not channels",
        ),
    )


_LINEAR = op(LINEAR, any_tensor("x"), constant("kernel"), name="linear")

RULES = (
    *_rules("lift_from_pad", _LINEAR),
    *_rules("lift_from_pad_after_bias", op(ADDITIONS, _LINEAR, constant("b"), name="inner", either_order=True)),
)
