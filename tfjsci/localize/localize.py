"""Find the culprit between two runs of one graph, and say so in a sentence."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial

from tfjsci.dtypes import Backend
from tfjsci.errors import BrowserJobFailed, CorruptModel, ReferenceFailed
from tfjsci.graph.calls import CALLS
from tfjsci.graph.graph import Array, Graph, Node, node_of
from tfjsci.localize.batches import is_comparable
from tfjsci.localize.closeness import agrees, closeness, decibel, histogram, show, show_limit
from tfjsci.localize.constants import damaged
from tfjsci.localize.inside import look_inside, loop_behind
from tfjsci.localize.localization import Closeness, InsideLoop, Localization, PathStep
from tfjsci.localize.path import path_on, path_to, step_of
from tfjsci.localize.sides import Candidate, Reference, Side
from tfjsci.localize.walk import Bounds, Suspect, Walk, walk

NOT_KNOWN = Closeness(problem="not known")
"""Of a tensor behind the culprit that the candidate can't be asked for: it must not look as if it agreed."""


def localize(
    graph: Graph,
    *,
    reference: Reference,
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
    whole, bounds, start = graph.pruned(), bounds or Bounds(), clock()
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
            bounds=bounds,
            clock=clock,
        )
    except (BrowserJobFailed, CorruptModel, ReferenceFailed) as error:
        return replace(blank, reason=f"the search broke off: {error.message}")
    blank = replace(blank, compared=found.compared, total=found.total)
    look = partial(
        look_inside,
        whole,
        reference=reference,
        candidate=candidate,
        limit_db=limit_db,
        rows=rows,
        seconds=bounds.seconds - (clock() - start),
        clock=clock,
    )
    if found.culprit is None:
        return _of_lists(blank, whole, found, look) or _without_culprit(blank, whole, found)
    named = _named(blank, whole, found, found.culprit, reference, candidate, there, stored)
    if found.culprit.node.op not in CALLS:
        return named
    inside = _looked(look, found.culprit.node)
    if isinstance(inside, str):
        return replace(named, reason=f"{named.reason}; where inside of it isn't known: {inside}")
    return replace(named, inside=inside, reason=f"{named.reason}; {_told_inside(inside)}")


def _looked(look: Callable[[Node], InsideLoop | str], loop: Node) -> InsideLoop | str:
    try:
        return look(loop)
    except (BrowserJobFailed, CorruptModel, ReferenceFailed) as error:
        return f"the search broke off: {error.message}"


def _told_inside(inside: InsideLoop) -> str:
    return (
        f"inside of it, in turn {inside.turn}, {inside.op} {inside.node}{_of(inside.layers)} is the first whose inputs agree "
        f"({show(inside.into)}) and whose output doesn't ({show(inside.out)})"
    )


def _of_lists(
    blank: Localization, graph: Graph, found: Walk, look: Callable[[Node], InsideLoop | str]
) -> Localization | None:
    """The loop that gave a list whose elements are off, if it is one: its handle can't be held against another, nor given."""
    for suspect in found.suspects:
        loop, handles = loop_behind(graph, suspect.node) if suspect.why_not is not None else (None, ())
        inside = _looked(look, loop) if loop is not None else ""
        if loop is None or isinstance(inside, str):
            continue
        found.known |= dict.fromkeys(handles, NOT_KNOWN)
        told = (
            f"{loop.op} {loop.name}{_of_layer(loop)} gives a list that is off where it is read, at {suspect.node.op} "
        )
        told += f"{suspect.node.name} ({show(found.out(suspect.node))})"
        return replace(
            blank,
            found="node",
            reason=f"{told}; {_told_inside(inside)}",
            node=loop.name,
            op=loop.op,
            layers=loop.origin,
            path=tuple(step_of(found, each) for each in path_to(graph, found, suspect.node)),
            inside=inside,
        )
    return None


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
        reason = f"all {found.compared} nodes that were compared agree to {show_limit(blank.limit_db)} and better"
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
    made = [tensor for each in on for tensor in found.made_by(each)]
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
    return _of(node.origin)


def _of(layers: tuple[str, ...]) -> str:
    return f" (layer {', '.join(layers)})" if layers else ""
