"""FusedBatchNorm(x, gamma, beta, mean, variance)  ->  x * s + (beta - mean * s),  s = gamma / sqrt(variance + epsilon)

for inference, with constant statistics: the multiplication and addition are then folded into what comes before, if it
is linear. Only where it is: on its own the fused op is faster than two.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Constant
from tfjsci.rewrite.channels import LINEAR, made_of, not_linear, other_axis, weight_name
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, again, kept


def rewrite(match: Match) -> Replacement | Declined:
    """Mul and AddV2 with constants of shape [channels], in float64 until the end."""
    norm, before = match.root, match.nodes["before"]
    if norm.attrs.get("is_training", True):
        return Declined(reason="it is in training mode: the statistics are the batch's own")
    if norm.attrs.get("data_format", b"NHWC") != b"NHWC":
        return Declined(reason="the channels aren't last")
    linear = match.nodes.get("linear", before)
    reason = not_linear(linear, match.value("kernel").value) or (other_axis(before) if linear is not before else None)
    if reason:  # nothing would take the multiplication in, and two ops are slower than one
        return Declined(reason=reason)
    gamma, beta, mean, variance = (match.value(name) for name in ("gamma", "beta", "mean", "variance"))
    epsilon = norm.attrs.get("epsilon", 1e-4)
    assert isinstance(epsilon, float)
    wide = [constant.value.astype(np.float64) for constant in (gamma, beta, mean, variance)]
    factor = wide[0] / np.sqrt(wide[3] + epsilon)
    shift = wide[1] - wide[2] * factor
    dtype = gamma.value.dtype
    scale = NewConst(
        name=weight_name(gamma, match.tensors["gamma"]),
        constant=Constant(value=factor.astype(dtype), sources=made_of(gamma, variance)),
    )
    offset = NewConst(
        name=weight_name(beta, match.tensors["beta"]),
        constant=Constant(value=shift.astype(dtype), sources=made_of(beta, mean, gamma, variance)),
    )
    attrs = {"T": norm.attrs["T"]}
    normed = again(before)
    if linear is not before:
        normed = NewNode(
            name=before.name, op=before.op, inputs=(again(linear), match.tensors["bias"]), attrs=kept(before)
        )
    scaled = NewNode(name=f"{norm.name}/scaled", op="Mul", inputs=(normed, scale), attrs=attrs)
    return Replacement(root=NewNode(name=norm.name, op="AddV2", inputs=(scaled, offset), attrs=attrs))


_NORMS = "FusedBatchNorm|FusedBatchNormV2|FusedBatchNormV3"
_STATISTICS = (constant("gamma"), constant("beta"), constant("mean"), constant("variance"))

RULE = Rule(
    name="fold_batch_norm",
    equation="FusedBatchNorm(linear(x, w)) -> linear(x, w) * s + t",
    pattern=op(
        _NORMS,
        op(LINEAR, any_tensor("x"), constant("kernel"), name="before"),
        *_STATISTICS,
        name="norm",
    ),
    rewrite=rewrite,
)

AFTER_BIAS = Rule(
    name="fold_batch_norm_after_bias",
    equation="FusedBatchNorm(linear(x, w) + b) -> (linear(x, w) + b) * s + t",
    pattern=op(
        _NORMS,
        op(
            "BiasAdd",
            op(LINEAR, any_tensor("x"), constant("kernel"), name="linear"),
            constant("bias"),
            name="before",
        ),
        *_STATISTICS,
        name="norm",
    ),
    rewrite=rewrite,
)
