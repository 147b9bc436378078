"""Which stage of rewriting changed the numbers, and which rule in it: found by doing it again, without each in turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tfjsci.graph.graph import Graph
from tfjsci.rewrite.fold_constants import NotComputable
from tfjsci.rewrite.pipeline import stages
from tfjsci.rewrite.stage import Means, RewrittenGraph

Same = Callable[[Graph], bool]
"""Whether a graph still computes what the original does. Raises ``NotComputable``."""


@dataclass(frozen=True, kw_only=True)
class Culprit:
    """``rules`` are the rules or lowerings without which the stage keeps the numbers; empty: it is none of them."""

    stage: str
    rules: tuple[str, ...] = ()


def find_culprit(graph: Graph, means: Means, same: Same) -> Culprit | None:
    """The first stage after which the numbers differ; None if they don't after any that can be run by itself."""
    done: RewrittenGraph | None = None
    for stage, so_far in stages(graph, means):
        if so_far.graph is not (done.graph if done else graph) and not _same(so_far.graph, same):
            applied = so_far.counts - done.counts if done else so_far.counts
            return Culprit(stage=stage.name, rules=_rules(graph, means, same, stage.name, list(applied)))
        done = so_far
    return None


def _rules(graph: Graph, means: Means, same: Same, stage: str, applied: Sequence[str]) -> tuple[str, ...]:
    """One rule if leaving it out is enough, else the fewest of them.

    Where it is enough to leave out either of two, the one that works on what the other makes is the wrong one: without it the
    other still applies.
    """

    def without(*names: str) -> RewrittenGraph | None:
        """The stage done without ``names``, if that keeps the numbers."""
        trial = replace(means, without=means.without | set(names))
        so_far = next(so_far for each, so_far in stages(graph, trial) if each.name == stage)
        return so_far if _same(so_far.graph, same) else None

    alone = {name: kept for name in applied if (kept := without(name)) is not None}
    if alone:
        return (max(alone, key=lambda name: sum(other in alone[name].counts for other in applied)),)
    if without(*applied) is None:
        return ()
    left_out = list(applied)
    for name in applied:
        if without(*(other for other in left_out if other != name)) is not None:
            left_out.remove(name)
    return tuple(left_out)


def _same(graph: Graph, same: Same) -> bool:
    """What can't be run tells nothing: the stage after it will."""
    try:
        return same(graph)
    except NotComputable:
        return True
