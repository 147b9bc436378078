"""activation(fused(x, w, b))  ->  fused(x, w, b, activation)

for the activations that the fused kernels of every backend have. LeakyRelu isn't declared for the depthwise op: its
alpha is lost there, so that one stays apart.
"""

from __future__ import annotations

from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule, kept


def rewrite(match: Match) -> Replacement | Declined:
    """One more entry in fused_ops."""
    fused, activation = match.nodes["fused"], match.root
    if fused.attrs.get("fused_ops") != (b"BiasAdd",):
        return Declined(reason=f"something is fused already: {fused.attrs.get('fused_ops')!r}")
    attrs = {**kept(fused), "fused_ops": (b"BiasAdd", activation.op.encode())}
    if activation.op == "LeakyRelu":
        if fused.op == "FusedDepthwiseConv2dNative":
            return Declined(reason="the depthwise op doesn't read LeakyRelu's alpha")
        attrs["leakyrelu_alpha"] = activation.attrs.get("alpha", 0.2)
    return Replacement(root=NewNode(name=activation.name, op=fused.op, inputs=fused.inputs, attrs=attrs))


RULE = Rule(
    name="fuse_activation",
    equation="activation(fused(x, w, b)) -> fused(x, w, b, activation)",
    pattern=op(
        "Relu|Relu6|Elu|Sigmoid|LeakyRelu",
        op(
            "_FusedConv2D|FusedDepthwiseConv2dNative|_FusedMatMul",
            any_tensor("x"),
            constant("kernel"),
            constant("bias"),
            name="fused",
        ),
        name="activation",
    ),
    rewrite=rewrite,
)
