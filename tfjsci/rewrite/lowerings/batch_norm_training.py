"""FusedBatchNorm(x, γ, β), training  ->  (x - m) · γ / √(v + ε) + β,  m = mean of x, v = variance of x over all but channels

Its second and third output are m, and v · n / (n - 1) for n values a channel, mixed into the old statistics by
exponential_avg_factor f: old · (1 - f) + new · f.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, binary, cast, dims, maximum, product, reduce, scalar, unary
from tfjsci.rewrite.formulas.windows import channels_first
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> tuple[Tensor, ...] | Declined:
    """Two Means over the batch, and a few ops on one number a channel."""
    if channels_first(node):
        return Declined(reason="its channels come first")
    if not node.flag("is_training", True):
        return Declined(reason="it is in inference mode: the statistics are given")
    x, gamma, beta, *old = node.inputs
    wide = cast(x, gamma.dtype)
    axes = range(x.rank - 1)
    mean = reduce("Mean", wide, axes)
    variance = reduce("Mean", binary("SquaredDifference", wide, mean), axes)
    factor = gamma * unary("Rsqrt", variance + _number(node, "epsilon", 1e-4))
    normed = cast((wide - mean) * factor + beta, x.dtype)
    if not (node.uses_output(1) or node.uses_output(2)):
        return (normed,)
    count = product(dims(x)[:-1])
    if isinstance(count, int):
        unbiased = variance * (count / max(count - 1, 1))
    else:
        unbiased = variance * (scalar(count, gamma.dtype) / scalar(maximum(count - 1, 1), gamma.dtype))
    share = _number(node, "exponential_avg_factor", 1.0)
    if share == 1:
        return normed, mean, unbiased
    mixed = [before * (1 - share) + now * share for before, now in zip(old, (mean, unbiased), strict=True)]
    return normed, *mixed


def _number(node: Subject, name: str, default: float) -> float:
    value = node.attr(name)
    return value if isinstance(value, float) else default


LOWERING = Lowering(
    name="batch_norm_training",
    ops=("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"),
    equation="FusedBatchNorm(x, γ, β, training) → (x − m) · γ / √(v + ε) + β, m = Mean(x), v = Mean((x − m)²)",
    lower=lower,
)
