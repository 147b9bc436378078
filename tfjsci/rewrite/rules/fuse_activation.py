"""activation(fused(x, w, b))  ->  fused(x, w, b, activation)

for the activations that the fused kernels of every backend have. Prelu brings its slopes along, one for each channel:
others would be read by wrong places somewhere. LeakyRelu isn't declared for the depthwise op, where its alpha is lost: there
it is a Prelu whose slopes are all alike.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import AttrValue, Constant
from tfjsci.rewrite.pattern import Match, OpPattern, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, Source, kept


def rewrite(match: Match) -> Replacement | Declined:
    """One more entry in fused_ops, and with Prelu one more input."""
    fused, activation = match.nodes["fused"], match.root
    if fused.attrs.get("fused_ops") != (b"BiasAdd",):
        return Declined(reason=f"something is fused already: {fused.attrs.get('fused_ops')!r}")
    name, more = activation.op, dict[str, AttrValue]()
    slopes: tuple[Source, ...] = ()
    bias = match.value("bias").value
    if name == "LeakyRelu":
        alpha = activation.attrs.get("alpha", 0.2)
        if fused.op == "FusedDepthwiseConv2dNative":
            assert isinstance(alpha, float | int)
            name, same = "Prelu", Constant(value=np.full(bias.shape, alpha, bias.dtype))
            slopes = (NewConst(name=f"{activation.name}/alpha", constant=same),)
        else:
            more = {"leakyrelu_alpha": alpha}
    elif name == "Prelu":
        given = match.value("alpha").value
        if given.shape != bias.shape:
            return Declined(reason=f"the slopes have shape {given.shape}, the output {bias.size} channels")
        slopes = (match.tensors["alpha"],)
    attrs = {**kept(fused), "fused_ops": (b"BiasAdd", name.encode()), "num_args": 1 + len(slopes), **more}
    return Replacement(root=NewNode(name=activation.name, op=fused.op, inputs=(*fused.inputs, *slopes), attrs=attrs))


_FUSED = op(
    "_FusedConv2D|FusedDepthwiseConv2dNative|_FusedMatMul",
    any_tensor("x"),
    constant("kernel"),
    constant("bias"),
    name="fused",
)


def _rule(name: str, pattern: OpPattern) -> Rule:
    return Rule(
        name=name,
        equation="activation(fused(x, w, b)) -> fused(x, w, b, activation)",
        pattern=pattern,
        rewrite=rewrite,
        where="it is Relu, Relu6, Elu, Sigmoid, LeakyRelu, or Prelu with one slope a channel",
    )


RULE = _rule("fuse_activation", op("Relu|Relu6|Elu|Sigmoid|LeakyRelu", _FUSED, name="activation"))
PRELU = _rule("fuse_activation_with_slopes", op("Prelu", _FUSED, constant("alpha"), name="activation"))

RULES = (RULE, PRELU)
