"""Relu(linear(x, w) + b) * s  ->  Relu((linear(x, w) + b) * s)

where every s is positive: batch norm behind an activation. Before it, kernel and bias take the factor in, and an addition is
left of the norm, wherever that goes. LeakyRelu passes factors as well.
"""

from __future__ import annotations

from tfjsci.rewrite.affine import ADDITIONS, along_channels, flat, positive, times
from tfjsci.rewrite.channels import WEIGHTED, not_linear, output_channels
from tfjsci.rewrite.pattern import Match, OpPattern, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule, Source, again, kept


def rewrite(match: Match) -> Replacement | Declined:
    """The Mul before the activation."""
    root, relu, linear = match.root, match.nodes["relu"], match.nodes["linear"]
    kernel, scale = match.value("kernel").value, match.value("scale").value
    if reason := not_linear(linear, kernel):
        return Declined(reason=reason)
    if not along_channels(scale) or scale.size not in (1, output_channels(linear, kernel)):
        return Declined(reason=f"the factor's shape {scale.shape} isn't one number for each channel")
    if not positive(flat(scale)):
        return Declined(reason="a factor that isn't positive would turn the activation round")
    before: Source = again(linear)
    if "inner" in match.nodes:
        inner = match.nodes["inner"]
        sides: list[Source] = [before if tensor == linear.name else tensor for tensor in inner.inputs]
        before = NewNode(name=inner.name, op=inner.op, inputs=tuple(sides), attrs=kept(inner))
    scaled = NewNode(name="", op="Mul", inputs=(before, match.tensors["scale"]), attrs=kept(root))
    return Replacement(root=NewNode(name=root.name, op=relu.op, inputs=(scaled,), attrs=kept(relu)))


def _rule(name: str, before: OpPattern) -> Rule:
    return Rule(
        name=name,
        equation="Relu(linear(x, w) + b) * s -> Relu((linear(x, w) + b) * s)",
        pattern=times(op("Relu|LeakyRelu", before, name="relu"), "scale", name="scaled"),
        rewrite=rewrite,
        where="every s is positive, and one number a channel",
    )


_LINEAR = op(WEIGHTED, any_tensor("first"), constant("kernel"), name="linear")

RULES = (
    _rule("lift_from_relu", _LINEAR),
    _rule("lift_from_relu_after_bias", op(ADDITIONS, _LINEAR, constant("b"), name="inner", either_order=True)),
)
