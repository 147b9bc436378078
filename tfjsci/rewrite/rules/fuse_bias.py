"""BiasAdd(linear(x, w), b)  ->  fused(x, w, b)

_FusedConv2D, FusedDepthwiseConv2dNative or _FusedMatMul with fused_ops [BiasAdd]. A transposed kernel is written the other way
round: wasm adds the bias to the wrong places where a flag transposes it.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import AttrValue, Constant, node_of
from tfjsci.rewrite.channels import LINEAR, not_linear, other_axis, output_channels
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, Source, kept

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
    attrs: dict[str, AttrValue] = {**kept(linear), "fused_ops": (b"BiasAdd",), "num_args": 1}
    weights: Source = match.tensors["kernel"]
    if linear.attrs.get("transpose_b"):
        if len(match.graph.readers[node_of(match.tensors["kernel"])]) > 1:
            return Declined(reason="the kernel is transposed, and others read it: it would be stored twice")
        turned = Constant(value=np.array(kernel.T), sources=match.value("kernel").sources)
        weights = NewConst(name=match.tensors["kernel"], constant=turned)
        attrs["transpose_b"] = False
    return Replacement(
        root=NewNode(
            name=match.root.name,
            op=FUSED[linear.op],
            inputs=(match.tensors["x"], weights, match.tensors["bias"]),
            attrs=attrs,
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
    where="linear is Conv2D, DepthwiseConv2dNative or MatMul, with a constant kernel",
)
