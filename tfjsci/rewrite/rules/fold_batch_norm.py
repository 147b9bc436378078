"""FusedBatchNorm(x, gamma, beta, mean, variance)  ->  x * s + (beta - mean * s),  s = gamma / sqrt(variance + epsilon)

for inference, with constant statistics: the multiplication and addition are then folded into what comes before, if it
is linear. Only where it is: on its own the fused op is faster than two.
"""

from __future__ import annotations

from tfjsci.rewrite.batch_norm import NORMS, STATISTICS, factor_and_shift, not_for_inference
from tfjsci.rewrite.channels import LINEAR, not_linear, other_axis, weight_name
from tfjsci.rewrite.pattern import Match, any_tensor, constant, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule, again, kept

_NORMED = f"{LINEAR}|Conv2DBackpropInput"


def rewrite(match: Match) -> Replacement | Declined:
    """Mul and AddV2 with constants of shape [channels]."""
    norm, before = match.root, match.nodes["before"]
    linear = match.nodes.get("linear", before)
    reason = (
        not_for_inference(norm)
        or not_linear(linear, match.value("kernel").value)
        or (other_axis(before) if linear is not before else None)
    )
    if reason:  # nothing would take the multiplication in, and two ops are slower than one
        return Declined(reason=reason)
    factor, shift = factor_and_shift(match)
    scale = NewConst(name=weight_name(match.value("gamma"), match.tensors["gamma"]), constant=factor)
    offset = NewConst(name=weight_name(match.value("beta"), match.tensors["beta"]), constant=shift)
    attrs = {"T": norm.attrs["T"]}
    normed = again(before)
    if linear is not before:
        normed = NewNode(
            name=before.name, op=before.op, inputs=(again(linear), match.tensors["bias"]), attrs=kept(before)
        )
    scaled = NewNode(name=f"{norm.name}/scaled", op="Mul", inputs=(normed, scale), attrs=attrs)
    return Replacement(root=NewNode(name=norm.name, op="AddV2", inputs=(scaled, offset), attrs=attrs))


RULE = Rule(
    name="fold_batch_norm",
    equation="FusedBatchNorm(linear(x, w)) -> linear(x, w) * s + t",
    pattern=op(
        NORMS,
        op(_NORMED, any_tensor("first"), constant("kernel"), name="before"),
        *STATISTICS,
        name="norm",
    ),
    rewrite=rewrite,
    where="it is for inference: s = gamma / sqrt(variance + epsilon), t = beta - mean * s",
)

AFTER_BIAS = Rule(
    name="fold_batch_norm_after_bias",
    equation="FusedBatchNorm(linear(x, w) + b) -> (linear(x, w) + b) * s + t",
    pattern=op(
        NORMS,
        op(
            "BiasAdd",
            op(_NORMED, any_tensor("first"), constant("kernel"), name="linear"),
            constant("bias"),
            name="before",
        ),
        *STATISTICS,
        name="norm",
    ),
    rewrite=rewrite,
    where="it is for inference: s = gamma / sqrt(variance + epsilon), t = beta - mean * s",
)

RULES = (RULE, AFTER_BIAS)
