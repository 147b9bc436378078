"""Applies rules until none fits. Safety lives here, so that no rule can forget it.

A match is taken only if its inner nodes are read by nobody else, are no output and carry no control edge. The new
root keeps the old root's name, type, control edges and origin; constants are read, never changed; what nobody needs
any more is pruned. One sweep takes every match that doesn't overlap another, nor reads (going beyond its pattern) what
another one takes away, so the graph is rebuilt once a sweep. Where all rules were tried in vain they are tried again only once
something has changed that they looked at (``tried.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tfjsci.graph.graph import Graph, node_of
from tfjsci.graph.watched import Watched
from tfjsci.rewrite.pattern import Match, free_tensors, matches, may_match
from tfjsci.rewrite.replace import Change, given_up, with_changes
from tfjsci.rewrite.rule import Declined, Replacement, Rule
from tfjsci.rewrite.tried import Tried

MAX_SWEEPS = 200
"""More than any model needs; a pair of rules that undo each other would turn for ever."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A rule that fits the graph as it came out and declines, where, and in which stage; ``moot`` as in ``Declined``."""

    rule: str
    node: str
    reason: str
    moot: bool = False
    stage: str = ""

    def in_stage(self, stage: str) -> Refusal:
        """The same, of that stage. (There are as many as nodes: ``replace`` takes its time.)"""
        return Refusal(rule=self.rule, node=self.node, reason=self.reason, moot=self.moot, stage=stage)


@dataclass(frozen=True, kw_only=True)
class Rewritten:
    """The graph after the rules, how often each applied, and who declined where."""

    graph: Graph
    applied: dict[str, int]
    refusals: tuple[Refusal, ...]


Attempts = dict[str, Tried[dict[tuple[str, str], Refusal]]]
"""By the function's name, which is empty for the main graph: where rules were tried in vain, and what they told."""


def apply_rules(graph: Graph, rules: Sequence[Rule], attempts: Attempts | None = None) -> Rewritten:
    """Sweep with ``rules`` (the first that fits a node wins) until nothing changes, in function bodies too.

    ``attempts`` are those of the call before with the same rules: it is added to.
    Raises ``RuntimeError`` when the rules never come to rest: a bug in a rule, named in the message.
    """
    attempts = {} if attempts is None else attempts
    applied: dict[str, int] = {}
    in_functions: list[Refusal] = []
    functions = {}
    for name, body in graph.functions.items():
        within = {"": attempts.setdefault(name, Tried())}
        inner = apply_rules(body.graph, rules, within)
        functions[name] = replace(body, graph=inner.graph)
        for name_of_rule, count in inner.applied.items():
            applied[name_of_rule] = applied.get(name_of_rule, 0) + count
        in_functions += [replace(refusal, node=f"{name}/{refusal.node}") for refusal in inner.refusals]
    graph = graph.with_functions(functions)
    tried, by_ops = attempts.setdefault("", Tried()), _ByOps(rules)
    changes: list[tuple[Rule, Match, Replacement]] = []
    for _ in range(MAX_SWEEPS):
        refusals: dict[tuple[str, str], Refusal] = {}  # anew: what was declined early may have been done since
        changes = _sweep(graph, by_ops, tried, refusals)
        if not changes:
            return Rewritten(graph=graph, applied=applied, refusals=(*in_functions, *refusals.values()))
        for rule, _, _ in changes:
            applied[rule.name] = applied.get(rule.name, 0) + 1
        graph = with_changes(
            graph, [Change(root=m.root, inside=tuple(m.nodes.values()), new=new) for _, m, new in changes]
        ).pruned()
    restless = sorted({f"{rule.name} at {match.root.name}" for rule, match, _ in changes})
    raise RuntimeError(f"after {MAX_SWEEPS} sweeps these rules don't come to rest: {', '.join(restless)}")


class _ByOps(dict[tuple[str, ...], "list[Rule]"]):
    """The rules that may fit a node of an op whose inputs are made by some others, in order; found when first asked for."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        super().__init__()
        self._rules = rules
        self.roots = frozenset[str]().union(*(rule.pattern.ops for rule in rules))
        """The ops that any of them may fit."""

    def __missing__(self, ops: tuple[str, ...]) -> list[Rule]:
        root, *inputs = ops
        self[ops] = [each for each in self._rules if root in each.pattern.ops and may_match(each.pattern, inputs)]
        return self[ops]


def _sweep(
    graph: Graph,
    by_ops: _ByOps,
    tried: Tried[dict[tuple[str, str], Refusal]],
    refusals: dict[tuple[str, str], Refusal],
) -> list[tuple[Rule, Match, Replacement]]:
    tried.follow(graph)
    watched = Watched.watching(graph)
    touched: set[str] = set()
    read: set[str] = set()
    gone: set[str] = set()
    changes = []
    outputs = {node_of(tensor) for tensor in graph.outputs}
    for node in graph.nodes:
        if node.op not in by_ops.roots:
            continue
        if (known := tried.told_at(node.name)) is not None:
            if known:
                refusals.update(known)
            continue
        ops = (node.op, *(graph.by_name[name].op for name in node.reads[: len(node.inputs)]))
        if not (rules := by_ops[ops]):
            continue
        watched.begin()
        watched.asked.update((node.name, *node.reads))
        told: dict[tuple[str, str], Refusal] = {}
        in_vain = True
        candidates = ((rule, match) for rule in rules for match in matches(rule.pattern, watched, node))
        for rule, match in candidates:
            inside = {n.name for n in match.nodes.values()}
            watched.asked_readers.update(inside)  # by what follows
            if inside & touched:
                in_vain = False
                continue
            if not _safe(graph, rule, match, inside, outputs):
                continue
            result = rule.rewrite(match)
            if isinstance(result, Declined):
                told[rule.name, node.name] = Refusal(
                    rule=rule.name, node=node.name, reason=result.reason, moot=result.moot
                )
                continue
            in_vain = False
            reads = result.reads
            change = Change(root=match.root, inside=tuple(match.nodes.values()), new=result)
            goes = inside - {match.root.name} | given_up(graph, change)
            if reads & gone or goes & read:
                continue  # until the next sweep
            touched |= inside
            read |= reads
            gone |= goes
            changes.append((rule, match, result))
            break
        refusals.update(told)
        if in_vain:
            tried.in_vain(node.name, watched, told)
    return _with_what_they_need(changes)


def _with_what_they_need(
    changes: list[tuple[Rule, Match, Replacement]],
) -> list[tuple[Rule, Match, Replacement]]:
    """Those of the changes that read nothing of one that isn't made."""
    made = {(rule.name, match.root.name) for rule, match, _ in changes}
    possible = [
        (rule, match, new) for rule, match, new in changes if all((rule.name, root) in made for root in new.needs)
    ]
    return possible if len(possible) == len(changes) else _with_what_they_need(possible)


def _safe(graph: Graph, rule: Rule, match: Match, inside: set[str], outputs: set[str]) -> bool:
    if len(inside) > 1 and any(node_of(match.tensors[name]) in inside for name in free_tensors(rule.pattern)):
        return False  # Conv(pad, pad): the replacement would read what it replaces
    for node in match.nodes.values():
        if node.name == match.root.name:
            # most replacements have one output: a reader of another one would lose it
            if node.name in graph.read_beyond_first and not rule.all_outputs:
                return False
            continue
        if node.name in outputs or node.control:
            return False
        for reader in graph.readers.get(node.name, ()):
            if reader.name not in inside or node.name in reader.control:
                return False
    return True
