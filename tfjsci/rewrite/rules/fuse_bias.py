"""BiasAdd(linear(x, w), b)  ->  fused(x, w, b)

_FusedConv2D, FusedDepthwiseConv2dNative or _FusedMatMul with fused_ops [BiasAdd].
"""

from __future__ import annotations

from tfjsci.rewrite.channels import LINEAR, not_linear, other_axis, output_channels
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewNode, Replacement, Rule, kept

FUSED = {
    "Conv2D": "_FusedConv2D",
    "DepthwiseConv2dNative": "FusedDepthwiseConv2dNative",
    "MatMul": "_FusedMatMul",
}
"""The runtime's name of each linear op with a bias and an activation in it."""


def rewrite(match: Match) -> Replacement | Declined:
    """The linear node's attributes, and what is fused."""
    linear, kernel, bias = match.nodes["linear"], match.value("kernel").value, match.value("bias").value
    if reason := not_linear(linear, kernel) or other_axis(match.root):
        return Declined(reason=reason)
    if bias.shape != (output_channels(linear, kernel),):
        return Declined(
            reason=f"the bias has shape {bias.shape}, the output {output_channels(linear, kernel)} channels"
        )
    return Replacement(
        root=NewNode(
            name=match.root.name,
            op=FUSED[linear.op],
            inputs=(match.tensors["x"], match.tensors["kernel"], match.tensors["bias"]),
            attrs={**kept(linear), "fused_ops": (b"BiasAdd",), "num_args": 1},
        )
    )


RULE = Rule(
    name="fuse_bias",
    equation="BiasAdd(linear(x, w), b) -> fused(x, w, b)",
    pattern=op(
        "BiasAdd",
        op(LINEAR, any_tensor("x"), constant("kernel"), name="linear"),
        constant("bias"),
        name="bias_add",
    ),
    rewrite=rewrite,
)
