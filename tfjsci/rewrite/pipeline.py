"""The order of the rewriting stages, with the reason for each place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from tfjsci.graph.graph import Graph
from tfjsci.rewrite.bypass import without_control_edges, without_pass_ons
from tfjsci.rewrite.carried import with_plain_floats, with_plain_integers
from tfjsci.rewrite.engine import Refusal, Rewritten, apply_rules
from tfjsci.rewrite.fold_constants import Evaluator, fold_constants
from tfjsci.rewrite.lower import Infer, Lowered, Problems, lower
from tfjsci.rewrite.lowerings import all_lowerings
from tfjsci.rewrite.naming import with_plain_names
from tfjsci.rewrite.parameters_apart import with_parameters_apart
from tfjsci.rewrite.rule import Rule
from tfjsci.rewrite.rules import (
    add_as_bias,
    bias_into_sum,
    bounded_mask,
    cancel_transposes,
    dense_on_rows,
    dilation_from_blocks,
    expand_squeezed,
    fold_batch_norm,
    fold_scale,
    fold_scale_through_bias,
    fuse_activation,
    fuse_bias,
    merge_biases,
    merge_reshapes,
    merge_transposes,
    pad_into_conv,
    select_over_ones,
    sink_reshape,
    sink_squeeze,
    sink_transpose,
    size_past_transpose,
    static_reshape,
    transpose_as_reshape,
)
from tfjsci.rewrite.share_constants import with_shared_constants
from tfjsci.rewrite.share_nodes import with_shared_nodes

RECOVERING: tuple[Rule, ...] = (
    dilation_from_blocks.RULE,
    dilation_from_blocks.OF_SEQUENCES,
)
"""Before lowering: what TensorFlow took apart for its own sake is one op again, which needn't be lowered in pieces."""

LAYOUT: tuple[Rule, ...] = (
    merge_transposes.RULE,
    size_past_transpose.RULE,
    cancel_transposes.RULE,  # before a transpose is sunk: what cancels needn't move
    sink_transpose.RULE,
    expand_squeezed.RULE,
    sink_squeeze.RULE,
    sink_squeeze.WITH_CONSTANT,
    sink_squeeze.OF_BOTH,
)
"""First: a convolution and its batch norm must meet, with nothing between, to be folded. Channels-first layers were lowered to
channels-last ones between transposes, and the layers of sequences stand between ExpandDims and Squeeze; here most of these go."""

ROWS: tuple[Rule, ...] = (
    static_reshape.RULE,  # before a Reshape is sunk: whether it keeps the channels together must be known
    dense_on_rows.RULE,
    merge_reshapes.RULE,
    merge_reshapes.IDLE,
    *sink_reshape.RULES,
)
"""Then: a product over sequences or to attention heads, and its bias, must meet as well, with no Reshape between."""

FOLDING: tuple[Rule, ...] = (
    fold_batch_norm.RULE,
    fold_batch_norm.AFTER_BIAS,
    fold_scale.RULE,
    fold_scale_through_bias.RULE,
    add_as_bias.RULE,  # after a scale was folded: Keras 3's batch norm is Mul, then AddV2
    merge_biases.RULE,
    bias_into_sum.RULE,
    bias_into_sum.AFTER_BIAS,
    pad_into_conv.RULE,
    select_over_ones.MASKS_FIRST,
    select_over_ones.RULE,
    bounded_mask.RULE,
    transpose_as_reshape.RULE,  # after the layout stage, where it would hide a transpose from another
)
"""On plain ops, because the fused ones hide the kernel behind a bias."""

FUSING: tuple[Rule, ...] = (
    fuse_bias.RULE,
    fuse_activation.RULE,
)
"""Last: nothing is folded into a fused op."""

RULES = RECOVERING + LAYOUT + ROWS + FOLDING + FUSING


@dataclass(frozen=True, kw_only=True)
class Means:
    """What rewriting is handed from outside, and what is asked of it.

    What has ``problems`` (None: nothing) is lowered; ops for debugging go unless they are kept; ``without`` are the names
    of rules and lowerings that are left out.
    """

    evaluate: Evaluator
    infer: Infer
    problems: Problems | None = None
    keep_debug_ops: bool = False
    without: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class RewrittenGraph:
    """The graph to write, what was applied how often, which rules declined where and why, and what was lowered."""

    graph: Graph
    applied: dict[str, int]
    refusals: tuple[Refusal, ...]
    lowered: tuple[Lowered, ...] = ()

    @property
    def counts(self) -> Counter[str]:
        """How often each rule and each lowering was applied."""
        return Counter(self.applied) + Counter(each.by for each in self.lowered)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage: the graph and what was done so far -> the same after it."""

    name: str
    run: Callable[[RewrittenGraph, Means], RewrittenGraph]


def _plain(name: str, change: Callable[[Graph, Means], Graph]) -> Stage:
    """A stage that has no rules."""
    return Stage(name=name, run=lambda so_far, means: replace(so_far, graph=change(so_far.graph, means)))


def ruled(name: str, rules: Sequence[Rule]) -> Stage:
    """A stage of rules."""

    def run(so_far: RewrittenGraph, means: Means) -> RewrittenGraph:
        return _with(so_far, apply_rules(so_far.graph, [rule for rule in rules if rule.name not in means.without]))

    return Stage(name=name, run=run)


def _with(so_far: RewrittenGraph, done: Rewritten) -> RewrittenGraph:
    return replace(
        so_far,
        graph=done.graph,
        applied=dict(Counter(so_far.applied) + Counter(done.applied)),  # a rule may be in two stages
        refusals=so_far.refusals + done.refusals,
    )


def _lowering(so_far: RewrittenGraph, means: Means) -> RewrittenGraph:
    if means.problems is None:
        return so_far
    lowerings = [lowering for lowering in all_lowerings() if lowering.name not in means.without]
    graph, lowered = lower(so_far.graph, lowerings, problems=means.problems, infer=means.infer)
    return replace(so_far, graph=graph, lowered=lowered)


def _constants_of_lowerings(so_far: RewrittenGraph, means: Means) -> RewrittenGraph:
    if not so_far.lowered:
        return so_far
    return replace(so_far, graph=with_shared_constants(fold_constants(so_far.graph, means.evaluate)))


def _moving(name: str, rules: Sequence[Rule]) -> Stage:
    """A stage of rules that move what hides one node from another, until none does any more.

    An Identity that one left behind would hide another, and they ask for shapes of what they made.
    """

    def run(so_far: RewrittenGraph, means: Means) -> RewrittenGraph:
        graph = so_far.graph
        chosen = [rule for rule in rules if rule.name not in means.without]
        applied: Counter[str] = Counter()
        while True:
            done = apply_rules(graph, chosen)
            applied.update(done.applied)
            if not done.applied:
                return _with(so_far, replace(done, applied=dict(applied)))
            graph = without_pass_ons(done.graph, keep_debug=means.keep_debug_ops)
            graph = replace(graph, types=means.infer(graph))

    return Stage(name=name, run=run)


STAGES: tuple[Stage, ...] = (
    # first: a control edge would keep nodes apart that belong together
    _plain("control edges", lambda graph, _: without_control_edges(graph)),
    _plain("pass-ons", lambda graph, means: without_pass_ons(graph, keep_debug=means.keep_debug_ops)),
    # before folding, which asks how large a result would be
    _plain("types", lambda graph, means: replace(graph, types=means.infer(graph))),
    # before the rules, which want batch norm's factors as constants
    _plain("constants", lambda graph, means: fold_constants(graph, means.evaluate)),
    # after folding, which rounds weights as the original does
    _plain("floats", lambda graph, _: with_plain_floats(graph)),
    # after folding, which makes the equal ones
    _plain("equal constants", lambda graph, _: with_shared_constants(graph)),
    # before lowering, which would take an op apart further that TensorFlow took apart
    ruled("recovering", RECOVERING),
    # before the rules: what is lowered may be folded and fused like anything else
    Stage(name="lowering", run=_lowering),
    # a lowering computes on weights, too: a grouped kernel is split
    Stage(name="constants of lowerings", run=_constants_of_lowerings),
    # before folding: a convolution and its batch norm must meet
    _moving("layout", LAYOUT),
    # before folding, too: nor may a Reshape keep a product from its bias
    _moving("rows", ROWS),
    ruled("folding", FOLDING),
    ruled("fusing", FUSING),
    # once more: a rule makes a bias at every step of an unrolled layer
    _plain("equal constants of rules", lambda graph, _: with_shared_constants(graph)),
    # after equal constants, which are what equal nodes read
    _plain("equal nodes", lambda graph, _: with_shared_nodes(graph)),
    _plain("integers", lambda graph, _: with_plain_integers(graph)),
    # after the last sharing, which makes one of an axis and a number that is added
    _plain("parameters", lambda graph, _: with_parameters_apart(graph)),
    # last: until here names tell where a node came from
    _plain("names", lambda graph, _: with_plain_names(graph)),
)
"""All of them, in order."""


def rewrite(
    graph: Graph,
    *,
    evaluate: Evaluator,
    infer: Infer,
    problems: Problems | None = None,
    keep_debug_ops: bool = False,
    without: frozenset[str] = frozenset(),
) -> RewrittenGraph:
    """All the stages, in order; the arguments are those of :class:`Means`."""
    means = Means(evaluate=evaluate, infer=infer, problems=problems, keep_debug_ops=keep_debug_ops, without=without)
    return rewrite_with(graph, means)


def rewrite_with(graph: Graph, means: Means) -> RewrittenGraph:
    """All the stages, in order."""
    so_far = RewrittenGraph(graph=graph, applied={}, refusals=())
    for stage in STAGES:
        so_far = stage.run(so_far, means)
    return so_far


def stages(graph: Graph, means: Means) -> Iterator[tuple[Stage, RewrittenGraph]]:
    """The same, with what there is after each: one at a time, so that whoever lets go of one keeps none alive."""
    so_far = RewrittenGraph(graph=graph, applied={}, refusals=())
    for stage in STAGES:
        so_far = stage.run(so_far, means)
        yield stage, so_far


def names_of_rules() -> tuple[str, ...]:
    """All that can be left out: rules, then lowerings."""
    return (*(rule.name for rule in RULES), *(lowering.name for lowering in all_lowerings()))
