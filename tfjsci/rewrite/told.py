"""The check's answer with what lowering did about it: which ops were replaced, and what was tried on those that stayed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from tfjsci.catalog.catalog import Catalog
from tfjsci.catalog.check import LoweredOp, OpCheck, UnsupportedOp
from tfjsci.graph.graph import Graph
from tfjsci.rewrite.lower import Lowered, tried
from tfjsci.rewrite.lowerings import all_lowerings
from tfjsci.rewrite.naming import plain_name

_MOST_ATTEMPTS = 5
"""Different reasons to decline that are told of one op."""


def told(
    check: OpCheck,
    graph: Graph,
    lowered: Sequence[Lowered],
    without: Collection[str] = (),
    catalog: Catalog | None = None,
) -> OpCheck:
    """``check`` is of ``graph``, the rewritten one; ``lowered`` is what was replaced before, ``without`` what was left out.

    ``catalog`` is the one that the check asked; by default the one that the package brings along.
    """
    return replace(
        check,
        unsupported=tuple(replace(op, tried=_tried(op, graph, without, catalog)) for op in check.unsupported),
        lowered=tuple(_gathered(lowered)),
    )


def _tried(op: UnsupportedOp, graph: Graph, without: Collection[str], catalog: Catalog | None) -> tuple[str, ...]:
    about = [each for each in all_lowerings() if op.op in each.ops]
    reasons: dict[str, None] = {f"{each.name}: left out, as asked": None for each in about if each.name in without}
    wanted = [each for each in about if each.name not in without]
    for name in op.nodes:
        place = next(((part, node) for part, node in graph.places(name) if node.op == op.op), None)
        if place is not None:
            reasons |= dict.fromkeys(tried(*place, wanted, op.backends, catalog))
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
