"""FusedBatchNorm(x, gamma, beta, mean, variance)  ->  x * s + t,  s = gamma / sqrt(variance + epsilon),  t = beta - mean * s

for inference, where the factor ends in the kernel of a layer behind: then an addition is left of the norm, or nothing.
Elsewhere the fused op is one kernel, and this would be two.
"""

from __future__ import annotations

from tfjsci.rewrite.batch_norm import NORMS, STATISTICS, factor_and_shift, not_for_inference
from tfjsci.rewrite.channels import weight_name, wide
from tfjsci.rewrite.passing import scale_ends_in_kernel
from tfjsci.rewrite.pattern import Match, any_tensor, op
from tfjsci.rewrite.rule import Declined, NewConst, NewNode, Replacement, Rule


def rewrite(match: Match) -> Replacement | Declined:
    """Mul and AddV2 with constants of shape [channels]."""
    norm = match.root
    if reason := not_for_inference(norm):
        return Declined(reason=reason)
    factor, shift = factor_and_shift(match)
    if not wide(factor.value).all() or not scale_ends_in_kernel(match.graph, norm.name, factor.value):
        return Declined(reason="no kernel behind could take the factor in")
    attrs = {"T": norm.attrs["T"]}
    scale = NewConst(name=weight_name(match.value("gamma"), match.tensors["gamma"]), constant=factor)
    offset = NewConst(name=weight_name(match.value("beta"), match.tensors["beta"]), constant=shift)
    scaled = NewNode(name=f"{norm.name}/scaled", op="Mul", inputs=(match.tensors["x"], scale), attrs=attrs)
    return Replacement(root=NewNode(name=norm.name, op="AddV2", inputs=(scaled, offset), attrs=attrs))


RULE = Rule(
    name="split_batch_norm",
    equation="FusedBatchNorm(x) -> x * s + t",
    pattern=op(NORMS, any_tensor("x"), *STATISTICS, name="norm"),
    rewrite=rewrite,
    where="a kernel behind takes the factor in",
)
