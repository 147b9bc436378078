"""Batch norm for inference as a factor and a shift:  s = gamma / sqrt(variance + epsilon),  t = beta - mean * s."""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Constant, Node
from tfjsci.rewrite.channels import made_of, wide
from tfjsci.rewrite.pattern import Match, constant, ops_in

NORMS = "FusedBatchNorm|FusedBatchNormV2|FusedBatchNormV3"

STATISTICS = (constant("gamma"), constant("beta"), constant("mean"), constant("variance"))
"""The norm's inputs behind x."""


def not_for_inference(norm: Node) -> str | None:
    """Why this norm isn't a factor and a shift along the last dimension, or None if it is."""
    if norm.attrs.get("is_training", True):
        return "it is in training mode: the statistics are the batch's own"
    if norm.attrs.get("data_format", b"NHWC") != b"NHWC":
        return "the channels aren't last"
    return None


def factor_and_shift(match: Match) -> tuple[Constant, Constant]:
    """Both of shape [channels], in float64 until the end; of a match that bound the norm's ``STATISTICS``."""
    gamma, beta, mean, variance = (match.value(name) for name in ("gamma", "beta", "mean", "variance"))
    epsilon = next(node for node in match.nodes.values() if node.op in ops_in(NORMS)).attrs.get("epsilon", 1e-4)
    assert isinstance(epsilon, float)
    factor = wide(gamma.value) / np.sqrt(wide(variance.value) + epsilon)
    shift = wide(beta.value) - wide(mean.value) * factor
    dtype = gamma.value.dtype
    return (
        Constant(value=factor.astype(dtype), sources=made_of(gamma, variance)),
        Constant(value=shift.astype(dtype), sources=made_of(beta, mean, gamma, variance)),
    )
