"""What rewriting did to a model and what it left alone, and why: what ``tfjsci convert --explain`` prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tfjsci.catalog.check import LoweredOp
from tfjsci.converter import Converted, computing_nodes_of
from tfjsci.escape import one_line
from tfjsci.rewrite.engine import Refusal
from tfjsci.rewrite.naming import plain_name
from tfjsci.rewrite.pipeline import STAGES

_MOST_NODES = 5
"""Nodes that are named of one reason, in the text; the JSON has all."""


@dataclass(frozen=True, kw_only=True)
class AppliedRule:
    """A rule that was applied, in which stage, and how often."""

    rule: str
    stage: str
    count: int
    equation: str


@dataclass(frozen=True, kw_only=True)
class DeclinedRule:
    """A rule that fits its stage's finished graph and declines for one reason: how often, and at which nodes."""

    rule: str
    stage: str
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
        applied=tuple(_applied(rewritten.by_stage)),
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
    for stage in _stages(told.applied):
        lines += ["", f"applied, {stage}:"]
        for applied in told.applied:
            if applied.stage == stage:
                lines += [f"  {applied.rule} × {applied.count}", f"      {applied.equation}"]
    lines += ["", "lowered:"] if told.lowered else []
    for lowered in told.lowered:
        lines += [
            f"  {lowered.by} × {lowered.count}: {one_line(lowered.op)} for {', '.join(lowered.backends)}",
            f"      {one_line(lowered.reason, 400)}",
        ]
    for stage in _stages(told.declined):
        lines += ["", f"declined, {stage}:"]
        for declined in told.declined:
            if declined.stage == stage:
                more = f" and {declined.count - _MOST_NODES} more" if declined.count > _MOST_NODES else ""
                lines += [
                    f"  {declined.rule} × {declined.count}: {one_line(declined.reason, 400)}",
                    f"      at {', '.join(map(one_line, declined.nodes[:_MOST_NODES]))}{more}",
                ]
    return lines + (["", f"left out: {', '.join(told.left_out)}"] if told.left_out else [])


def _stages(told: Sequence[AppliedRule | DeclinedRule]) -> list[str]:
    return list(dict.fromkeys(each.stage for each in told))


def _applied(by_stage: Mapping[str, Mapping[str, int]]) -> Iterator[AppliedRule]:
    """Several patterns may make one rule, under one name."""
    for stage in STAGES:
        counts = by_stage.get(stage.name, {})
        for rule in {rule.name: rule for rule in stage.named}.values():
            if count := counts.get(rule.name, 0):
                yield AppliedRule(rule=rule.name, stage=stage.name, count=count, equation=rule.equation)


def _declined(refusals: Sequence[Refusal]) -> list[DeclinedRule]:
    """Each reason once a stage, with all its nodes. What is moot isn't told."""
    found: dict[tuple[str, str, str], dict[str, None]] = {}
    for refusal in refusals:
        if not refusal.moot:
            found.setdefault((refusal.stage, refusal.rule, refusal.reason), {})[plain_name(refusal.node)] = None
    places: dict[tuple[str, str], int] = {}
    for each in STAGES:
        for tried in each.named:
            places.setdefault((each.name, tried.name), len(places))
    return [
        DeclinedRule(rule=rule, stage=stage, reason=reason, count=len(nodes), nodes=tuple(nodes))
        for (stage, rule, reason), nodes in sorted(found.items(), key=lambda item: places[item[0][:2]])
    ]
