"""Find the culprit between two runs of one graph, and say so in a sentence."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from tfjsci.dtypes import Backend
from tfjsci.errors import BrowserJobFailed, CorruptModel, ReferenceFailed
from tfjsci.graph.graph import Array, Graph, Node, node_of
from tfjsci.localize.batches import is_comparable
from tfjsci.localize.closeness import agrees, closeness, decibel, histogram, show
from tfjsci.localize.constants import damaged
from tfjsci.localize.localization import Closeness, Localization, PathStep
from tfjsci.localize.path import path_on, path_to, step_of
from tfjsci.localize.sides import Candidate, Side
from tfjsci.localize.walk import Bounds, Suspect, Walk, walk

NOT_KNOWN = Closeness(problem="not known")
"""Of a tensor behind the culprit that the candidate can't be asked for: it must not look as if it agreed."""


def localize(
    graph: Graph,
    *,
    reference: Side,
    candidate: Candidate,
    there: Collection[str],
    limit_db: float,
    variant: str,
    backend: Backend | None,
    rows: int = 1,
    stored: Callable[[], Mapping[str, Array]] | None = None,
    bounds: Bounds | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Localization:
    """The first node of ``graph`` whose inputs agree and whose output doesn't, by ``limit_db``, and that does so alone, too.

    ``there`` are the candidate's nodes by name, ``rows`` the size of a dimension that the graph leaves open. ``stored`` reads
    the weights that the candidate has, by name, where they should be the graph's own. A side that fails ends the search: that is
    told, not raised.
    """
    whole = graph.pruned()
    blank = Localization(
        variant=variant, backend=backend, reference=reference.name, candidate=candidate.name, found="unfinished",
        reason="", limit_db=limit_db,
    )  # fmt: skip
    try:
        found = walk(
            whole,
            reference=reference,
            candidate=candidate,
            there=there,
            limit_db=limit_db,
            rows=rows,
            bounds=bounds or Bounds(),
            clock=clock,
        )
    except (BrowserJobFailed, CorruptModel, ReferenceFailed) as error:
        return replace(blank, reason=f"the search broke off: {error.message}")
    blank = replace(blank, compared=found.compared, total=found.total)
    if found.culprit is not None:
        return _named(blank, whole, found, found.culprit, reference, candidate, there, stored)
    return _without_culprit(blank, whole, found)


def _named(
    blank: Localization,
    graph: Graph,
    found: Walk,
    culprit: Suspect,
    reference: Side,
    candidate: Side,
    there: Collection[str],
    stored: Callable[[], Mapping[str, Array]] | None,
) -> Localization:
    node = culprit.node
    weight = damaged(graph, node, stored()) if stored is not None else None
    told, into, out = f"{node.op} {node.name}{_of_layer(node)}", found.into(node), found.out(node)
    if agrees(into, blank.limit_db):
        reason = f"{told} is the first whose inputs agree ({show(into)}) and whose output doesn't ({show(out)})"
    else:
        reason = f"{told} has inputs that are off already ({show(into)}), and makes much more of it ({show(out)})"
    reason += f"; alone, on the inputs of {blank.reference}, it comes to {show(culprit.alone)}"
    if weight is not None:
        reason += f": its weight {weight[0]} isn't what it was ({show(weight[1])})"
    tensor = min(culprit.wanted, key=lambda each: decibel(closeness(culprit.wanted[each], culprit.made[each])))
    return replace(
        blank,
        found="node" if weight is None else "weight",
        reason=reason,
        node=node.name,
        op=node.op,
        layers=node.origin,
        weight=weight[0] if weight else None,
        alone=culprit.alone,
        path=_path(graph, found, node, reference, candidate, there),
        errors=histogram(culprit.wanted[tensor], culprit.made[tensor]),
    )


def _without_culprit(blank: Localization, graph: Graph, found: Walk) -> Localization:
    computed = [node for node in graph.nodes if found.made_by(node) and node.op not in ("Const", "Placeholder")]
    reached = [node for node in computed if any(each in found.known for each in found.made_by(node))]
    off = [node for node in reached if not agrees(found.out(node), blank.limit_db)]
    if found.ended is None and not off:
        reason = f"all {found.compared} nodes that were compared agree to {blank.limit_db:g} dB and better"
        return replace(blank, found="nothing", reason=reason)
    if not off:
        return replace(
            blank, reason=f"{found.ended}; the {found.compared} of {found.total} nodes that were compared agree"
        )
    most = max(off, key=lambda node: _drop(found, node))
    lost = (
        f"most is lost at {most.op} {most.name}{_of_layer(most)}, "
        f"from {show(found.into(most))} to {show(found.out(most))}"
    )
    cant = [f"{each.node.name} couldn't be replayed: {each.why_not}" for each in found.suspects if each.why_not]
    if found.ended is not None:
        reason = f"{found.ended}; {found.compared} of {found.total} nodes were compared, and {lost}"
    elif cant:
        reason = f"no node is confirmed to be off by itself; {lost}"
    else:
        reason = f"no node is off by itself: errors add up or are made larger on the way; {lost}"
    return replace(
        blank,
        found="unfinished" if found.ended is not None or cant else "accumulated",
        reason="; ".join([reason, *cant[:2]]),
        node=most.name,
        op=most.op,
        layers=most.origin,
        path=tuple(step_of(found, each) for each in path_to(graph, found, most)),
    )


def _path(
    graph: Graph, found: Walk, node: Node, reference: Side, candidate: Side, there: Collection[str]
) -> tuple[PathStep, ...]:
    """To the culprit and on from it, where the walk hasn't been: what can't be had there is left out.

    What a node on the way reads is asked for as well: the one before it may be left out of the table.
    """
    on = [each for each in path_on(graph, node) if each.name in there]
    read = [tensor for each in on for tensor in each.inputs if node_of(tensor) not in graph.constants]
    made = [tensor for each in on for tensor in found.fetchable(each)]
    unknown = [tensor for tensor in dict.fromkeys((*read, *made)) if tensor not in found.known]
    names = [tensor for tensor in unknown if node_of(tensor) in there and is_comparable(graph, tensor)]
    if names:
        try:
            wanted, have = reference.tensors(names), candidate.tensors(names)
        except (BrowserJobFailed, ReferenceFailed):
            on = []
        else:
            found.known |= {name: closeness(wanted[name], have[name]) for name in names}
    found.known |= {tensor: NOT_KNOWN for tensor in unknown if tensor not in found.known}
    return tuple(step_of(found, each) for each in (*path_to(graph, found, node), *on))


def _drop(found: Walk, node: Node) -> float:
    """How much is lost at a node, in dB; what was exact before is taken for 150 dB, a float32's own rounding."""
    into, out = (min(decibel(each), 150.0) for each in (found.into(node), found.out(node)))
    return max(into, 0.0) - max(out, 0.0)


def _of_layer(node: Node) -> str:
    return f" (layer {', '.join(node.origin)})" if node.origin else ""
