"""The order of the rewriting stages, with the reason for each place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from tfjsci.graph.graph import Graph, TensorType
from tfjsci.rewrite.bypass import without_control_edges, without_pass_ons
from tfjsci.rewrite.engine import Refusal, apply_rules
from tfjsci.rewrite.fold_constants import Evaluator, fold_constants
from tfjsci.rewrite.lowerings import erfc
from tfjsci.rewrite.naming import with_plain_names
from tfjsci.rewrite.rule import Rule
from tfjsci.rewrite.rules import (
    add_as_bias,
    fold_batch_norm,
    fold_scale,
    fold_scale_through_bias,
    fuse_activation,
    fuse_bias,
    merge_biases,
    pad_into_conv,
    static_reshape,
)
from tfjsci.rewrite.share_constants import with_shared_constants

LOWERING: tuple[Rule, ...] = (erfc.RULE,)
"""First: what is lowered may be folded and fused like anything else."""

FOLDING: tuple[Rule, ...] = (
    fold_batch_norm.RULE,
    fold_batch_norm.AFTER_BIAS,
    fold_scale.RULE,
    fold_scale_through_bias.RULE,
    add_as_bias.RULE,  # after a scale was folded: Keras 3's batch norm is Mul, then AddV2
    merge_biases.RULE,
    pad_into_conv.RULE,
    static_reshape.RULE,
)
"""On plain ops, because the fused ones hide the kernel behind a bias."""

FUSING: tuple[Rule, ...] = (
    fuse_bias.RULE,
    fuse_activation.RULE,
)
"""Last: nothing is folded into a fused op."""

RULES = LOWERING + FOLDING + FUSING

Infer = Callable[[Graph], "dict[str, TensorType]"]
"""A graph -> the dtype and shape of its tensors."""


@dataclass(frozen=True, kw_only=True)
class RewrittenGraph:
    """The graph to write, what was applied how often, and which rules declined where and why."""

    graph: Graph
    applied: dict[str, int]
    refusals: tuple[Refusal, ...]


def rewrite(graph: Graph, *, evaluate: Evaluator, infer: Infer) -> RewrittenGraph:
    """All the stages, in order."""
    graph = without_control_edges(graph)  # first: a control edge would keep nodes apart that belong together
    graph = without_pass_ons(graph)
    graph = replace(graph, types=infer(graph))  # before folding, which asks how large a result would be
    graph = fold_constants(graph, evaluate)  # before the rules, which want batch norm's factors as constants
    graph = with_shared_constants(graph)  # after folding, which makes the equal ones
    lowered = apply_rules(graph, LOWERING)
    folded = apply_rules(lowered.graph, FOLDING)
    fused = apply_rules(folded.graph, FUSING)
    shared = with_shared_constants(fused.graph)  # once more: a rule makes a bias at every step of an unrolled layer
    return RewrittenGraph(
        graph=with_plain_names(shared),  # last: until here names tell where a node came from
        applied={**lowered.applied, **folded.applied, **fused.applied},
        refusals=lowered.refusals + folded.refusals + fused.refusals,
    )
