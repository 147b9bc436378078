"""What a rewriting stage is: what it is handed, what it gives, and the kinds of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from tfjsci.catalog.catalog import Catalog
from tfjsci.dtypes import BACKENDS, GPU_BACKENDS, Backend
from tfjsci.graph.graph import Graph
from tfjsci.rewrite.bypass import without_pass_ons
from tfjsci.rewrite.control.types import with_types
from tfjsci.rewrite.engine import Attempts, Refusal, Rewritten, apply_rules
from tfjsci.rewrite.fold_constants import Evaluator
from tfjsci.rewrite.lower import Infer, Lowered, Problems
from tfjsci.rewrite.pattern import Match
from tfjsci.rewrite.rule import Declined, Replacement, Rule


@dataclass(frozen=True, kw_only=True)
class Means:
    """What rewriting is handed from outside, and what is asked of it.

    What has ``problems`` (None: nothing) is lowered; ``catalog`` is what they are told by, and tells which input of an op is a
    parameter (None: the one that the package brings along). Ops for debugging go unless they are kept; ``without`` are the names
    of rules and lowerings that are left out; loops that turn at most ``unroll_loops`` times, as is known before, are unrolled
    (None: those that make few nodes). ``backends`` are those that the model is for (None: any).
    """

    evaluate: Evaluator
    infer: Infer
    problems: Problems | None = None
    catalog: Catalog | None = None
    keep_debug_ops: bool = False
    without: frozenset[str] = frozenset()
    unroll_loops: int | None = None
    backends: tuple[Backend, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class RewrittenGraph:
    """The graph to write, what was applied how often, which rules declined where and why, and what was lowered.

    ``by_stage`` is ``applied`` for each stage of rules.
    """

    graph: Graph
    applied: dict[str, int]
    refusals: tuple[Refusal, ...]
    lowered: tuple[Lowered, ...] = ()
    by_stage: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def counts(self) -> Counter[str]:
        """How often each rule and each lowering was applied."""
        return Counter(self.applied) + Counter(each.by for each in self.lowered)


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A rewrite of a graph and its functions at once: no rule, but told, and left out by name, like one.

    ``change`` gives the graph, how often something was done, and where it declines; it asks ``without`` itself.
    """

    name: str
    equation: str
    change: Callable[[Graph, Means], Done]


Done: TypeAlias = tuple[Graph, int, tuple[Refusal, ...]]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage: the graph and what was done so far -> the same after it.

    ``rules`` are those that it applies, ``wholes`` what else of it is told by name.
    """

    name: str
    run: Callable[[RewrittenGraph, Means], RewrittenGraph]
    rules: tuple[Rule, ...] = ()
    wholes: tuple[Whole, ...] = ()

    @property
    def named(self) -> tuple[Rule | Whole, ...]:
        """All that can be left out by name."""
        return (*self.rules, *self.wholes)


Between: TypeAlias = Callable[[Graph, Means], Graph]
"""What is done to a graph each time that rules were applied."""


def nothing_between(graph: Graph, _: Means) -> Graph:
    """The graph as it is."""
    return graph


def plain(name: str, change: Callable[[Graph, Means], Graph]) -> Stage:
    """A stage that has no rules."""
    return Stage(name=name, run=lambda so_far, means: replace(so_far, graph=change(so_far.graph, means)))


def at_once(name: str, rewrite: Whole) -> Stage:
    """A stage of one rewrite of the whole graph."""

    def run(so_far: RewrittenGraph, means: Means) -> RewrittenGraph:
        graph, count, refusals = rewrite.change(so_far.graph, means)
        applied = {rewrite.name: count} if count else {}
        return _with(so_far, Rewritten(graph=graph, applied=applied, refusals=refusals), name)

    return Stage(name=name, run=run, wholes=(rewrite,))


def ruled(name: str, rules: Sequence[Rule]) -> Stage:
    """A stage of rules."""

    def run(so_far: RewrittenGraph, means: Means) -> RewrittenGraph:
        chosen = [rule for rule in rules if rule.name not in means.without]
        return _with(so_far, apply_rules(so_far.graph, chosen), name)

    return Stage(name=name, run=run, rules=tuple(rules))


def in_loops(name: str, rules: Sequence[Rule]) -> Stage:
    """A stage of rules for graphs that have loops or branches; others are left as they are."""
    stage = moving(name, rules)  # which asks for the types of what is made
    return replace(stage, run=lambda so_far, means: stage.run(so_far, means) if so_far.graph.functions else so_far)


def off_the_gpu(
    name: str, rules: Sequence[Rule], along: Sequence[Rule] = (), *, pays_on: Sequence[Backend] = ("wasm",), why: str
) -> Stage:
    """A stage of rules for models that run on one of ``pays_on`` and on no GPU, together with those ``along``.

    Where a GPU's backend is wanted, too, it is told what they would have done, and ``why`` they haven't: what is there.
    """
    return _unless(moving(name, (*rules, *along)), rules, pays_on, lambda wanted: wanted & GPU_BACKENDS, why)


def on_gpus_alone(
    name: str,
    rules: Sequence[Rule],
    between: Between = nothing_between,
    *,
    pays_on: Sequence[Backend] = ("webgl", "webgpu"),
    why: str,
    fusing: bool = False,
) -> Stage:
    """A stage of rules for models that run on a GPU's backend of ``pays_on``, and on no other than these and cpu.

    What they make is right on cpu, too, where the runtime goes when there is no GPU. Where another one is wanted as well, it is
    told what they would have done, and ``why`` they haven't: what is there. ``between`` is as in :func:`moving`. Rules that are
    ``fusing`` make ops whose types can't be inferred: they are tried once.
    """
    stage = ruled(name, rules) if fusing else moving(name, rules, between)
    return _unless(stage, rules, pays_on, lambda wanted: wanted - {*pays_on, "cpu"}, why)


def _unless(
    stage: Stage,
    rules: Sequence[Rule],
    pays_on: Sequence[Backend],
    hindering: Callable[[set[Backend]], Set[Backend]],
    why: str,
) -> Stage:
    """The stage for models that run on one of ``pays_on``; where a ``hindering`` backend is wanted, it is told and not done."""

    def run(so_far: RewrittenGraph, means: Means) -> RewrittenGraph:
        wanted = set(means.backends or BACKENDS)
        if not wanted.intersection(pays_on):
            return so_far
        others = sorted(hindering(wanted))
        if not others:
            return stage.run(so_far, means)
        reason = f"it is to run on {' and '.join(others)}, too, where {why}"
        chosen = [_declining(rule, reason) for rule in rules if rule.name not in means.without]
        return _with(so_far, apply_rules(so_far.graph, chosen), stage.name)

    return replace(stage, run=run)


def _declining(rule: Rule, reason: str) -> Rule:
    """The rule, which declines for this reason where it would apply."""

    def rewrite(match: Match) -> Replacement | Declined:
        found = rule.rewrite(match)
        return found if isinstance(found, Declined) else Declined(reason=reason)

    return replace(rule, rewrite=rewrite)


def _with(so_far: RewrittenGraph, done: Rewritten, stage: str) -> RewrittenGraph:
    return replace(
        so_far,
        graph=done.graph,
        applied=dict(Counter(so_far.applied) + Counter(done.applied)),  # a rule may be in two stages
        by_stage={**so_far.by_stage, stage: done.applied},
        refusals=(*so_far.refusals, *(refusal.in_stage(stage) for refusal in done.refusals)),
    )


MAX_ROUNDS = 200
"""More than any model needs; what one round makes and the next undoes would turn for ever."""


def moving(name: str, rules: Sequence[Rule], between: Between = nothing_between) -> Stage:
    """A stage of rules that move what hides one node from another, until none does any more.

    An Identity that one left behind would hide another, and they ask for shapes of what they made. ``between`` is done each
    time that they were applied. Raises ``RuntimeError`` when they never come to rest: a bug in a rule, named in the message.
    """

    def run(so_far: RewrittenGraph, means: Means) -> RewrittenGraph:
        graph = so_far.graph
        chosen = [rule for rule in rules if rule.name not in means.without]
        applied: Counter[str] = Counter()
        attempts: Attempts = {}
        for _ in range(MAX_ROUNDS):
            done = apply_rules(graph, chosen, attempts)
            applied.update(done.applied)
            if not done.applied:
                return _with(so_far, replace(done, applied=dict(applied)), name)
            graph = between(without_pass_ons(done.graph, keep_debug=means.keep_debug_ops), means)
            graph = with_types(graph, means.infer)
        restless = ", ".join(sorted(done.applied))
        raise RuntimeError(f"after {MAX_ROUNDS} rounds of {name} these rules don't come to rest: {restless}")

    return Stage(name=name, run=run, rules=tuple(rules))
