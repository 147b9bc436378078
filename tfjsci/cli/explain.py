"""What rewriting did to a model and what it left alone, and why: what ``tfjsci convert --explain`` prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tfjsci.catalog.check import LoweredOp
from tfjsci.converter import Converted, computing_nodes_of
from tfjsci.escape import one_line
from tfjsci.rewrite.engine import Refusal
from tfjsci.rewrite.naming import plain_name
from tfjsci.rewrite.pipeline import RULES

_MOST_NODES = 5
"""Nodes that are named of one reason, in the text; the JSON has all."""


@dataclass(frozen=True, kw_only=True)
class AppliedRule:
    """A rule that was applied, and how often."""

    rule: str
    count: int
    equation: str


@dataclass(frozen=True, kw_only=True)
class DeclinedRule:
    """A rule that fits the finished graph and declines for one reason: how often, and at which nodes."""

    rule: str
    reason: str
    count: int
    nodes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """All that rewriting did. Nodes are those that compute: neither Const nor Placeholder."""

    source: str
    format: str
    nodes_before: int
    nodes_after: int
    applied: tuple[AppliedRule, ...]
    lowered: tuple[LoweredOp, ...]
    declined: tuple[DeclinedRule, ...]
    left_out: tuple[str, ...]


def explain(source: str, converted: Converted) -> Explanation:
    """In the order in which rules are tried."""
    rewritten = converted.rewritten
    return Explanation(
        source=source,
        format=converted.loaded.format,
        nodes_before=computing_nodes_of(converted.loaded.graph),
        nodes_after=converted.computing_nodes,
        applied=tuple(
            AppliedRule(rule=rule.name, count=count, equation=rule.equation)
            for rule in RULES
            if (count := rewritten.applied.get(rule.name, 0))
        ),
        lowered=converted.check.lowered,
        declined=tuple(_declined(rewritten.refusals)),
        left_out=tuple(sorted(converted.means.without)),
    )


def as_data(told: Explanation) -> dict[str, Any]:
    """For JSON."""
    return asdict(told)


def as_lines(told: Explanation) -> list[str]:
    """For people."""
    lines = [
        f"{one_line(told.source)} ({told.format}): {told.nodes_before} nodes before rewriting, {told.nodes_after} after"
    ]
    lines += ["", "applied:"] if told.applied else []
    for applied in told.applied:
        lines += [f"  {applied.rule} × {applied.count}", f"      {applied.equation}"]
    lines += ["", "lowered:"] if told.lowered else []
    for lowered in told.lowered:
        lines += [
            f"  {lowered.by} × {lowered.count}: {one_line(lowered.op)} for {', '.join(lowered.backends)}",
            f"      {one_line(lowered.reason, 400)}",
        ]
    lines += ["", "declined:"] if told.declined else []
    for declined in told.declined:
        more = f" and {declined.count - _MOST_NODES} more" if declined.count > _MOST_NODES else ""
        lines += [
            f"  {declined.rule} × {declined.count}: {one_line(declined.reason, 400)}",
            f"      at {', '.join(map(one_line, declined.nodes[:_MOST_NODES]))}{more}",
        ]
    return lines + (["", f"left out: {', '.join(told.left_out)}"] if told.left_out else [])


def _declined(refusals: Sequence[Refusal]) -> list[DeclinedRule]:
    found: dict[tuple[str, str], list[str]] = {}
    for refusal in refusals:
        found.setdefault((refusal.rule, refusal.reason), []).append(plain_name(refusal.node))
    places = {rule.name: place for place, rule in enumerate(RULES)}
    return [
        DeclinedRule(rule=rule, reason=reason, count=len(nodes), nodes=tuple(nodes))
        for (rule, reason), nodes in sorted(found.items(), key=lambda item: places.get(item[0][0], len(places)))
    ]
