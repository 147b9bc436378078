"""The check's answer with what lowering did about it: which ops were replaced, and what was tried on those that stayed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from tfjsci.catalog.check import LoweredOp, OpCheck, UnsupportedOp
from tfjsci.graph.graph import Graph
from tfjsci.rewrite.lower import Lowered, tried
from tfjsci.rewrite.lowerings import all_lowerings
from tfjsci.rewrite.naming import plain_name

_MOST_ATTEMPTS = 5
"""Different reasons to decline that are told of one op."""


def told(check: OpCheck, graph: Graph, lowered: Sequence[Lowered], without: Collection[str] = ()) -> OpCheck:
    """``check`` is of ``graph``, the rewritten one; ``lowered`` is what was replaced before, ``without`` what was left out."""
    graphs = dict(graph.walk())
    return replace(
        check,
        unsupported=tuple(replace(op, tried=_tried(op, graphs, without)) for op in check.unsupported),
        lowered=tuple(_gathered(lowered)),
    )


def _tried(op: UnsupportedOp, graphs: dict[str, Graph], without: Collection[str]) -> tuple[str, ...]:
    reasons: dict[str, None] = {
        f"{each.name}: left out, as asked": None
        for each in all_lowerings()
        if each.name in without and op.op in each.ops
    }
    wanted = [each for each in all_lowerings() if each.name not in without]
    for name in op.nodes:
        for prefix, part in graphs.items():
            node = part.by_name.get(name.removeprefix(f"{prefix}/") if prefix else name)
            if node is not None and node.op == op.op:
                reasons |= dict.fromkeys(tried(part, node, wanted, op.backends))
                break
    return tuple(reasons)[:_MOST_ATTEMPTS]


def _gathered(lowered: Iterable[Lowered]) -> list[LoweredOp]:
    """Nodes of one op that were lowered in one way for one reason, together; in the order of ops, then reasons."""
    found: dict[tuple[str, str, str, tuple[str, ...]], list[Lowered]] = {}
    for each in lowered:
        found.setdefault((each.op, each.by, each.reason, each.backends), []).append(each)
    return [
        LoweredOp(
            op=op,
            by=by,
            reason=reason,
            backends=group[0].backends,
            nodes=tuple(plain_name(each.node) for each in group),
            layers=tuple(dict.fromkeys(layer for each in group for layer in each.layers)),
        )
        for (op, by, reason, _), group in sorted(found.items())
    ]
