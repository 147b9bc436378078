"""From the inputs on: the first node whose inputs agree and whose output doesn't, and that does so alone, too.

A search by halves would need an order in which everything behind a wrong node is wrong, and a graph with branches has none:
so all nodes are looked at, in topological order, a batch at a time, and the first that is confirmed ends it. A node that makes
an error larger that it was given (a difference of two large numbers) looks like a culprit as well. Replayed on the reference's
inputs it agrees, and the walk goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass, field

from tfjsci.graph.graph import Array, Graph, Node, node_of
from tfjsci.localize.batches import BATCH_BYTES, batches, is_comparable, tensors_of
from tfjsci.localize.closeness import EXACT, agrees, closeness, decibel, worst
from tfjsci.localize.localization import Closeness
from tfjsci.localize.sides import Candidate, NotReplayable, Side
from tfjsci.units import show_bytes

DROP_DB = 20.0
"""A node whose inputs don't agree any more is looked at all the same when its output's noise is ten times theirs."""


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """When to stop: after so many seconds, bytes fetched from each side, or nodes replayed. A batch that has begun is ended."""

    seconds: float = 60.0
    total_bytes: int = 1 << 30
    batch_bytes: int = BATCH_BYTES
    replays: int = 8


@dataclass(frozen=True, kw_only=True)
class Suspect:
    """A node that was replayed: its ``inputs`` are the reference's, by tensor; ``made`` is what it makes of them alone.

    ``alone`` is how near that is to what the reference makes of them; ``why_not`` says why it couldn't be replayed.
    """

    node: Node
    inputs: dict[str, Array]
    wanted: dict[str, Array]
    made: dict[str, Array] = field(default_factory=dict)
    alone: Closeness = EXACT
    why_not: str | None = None


@dataclass(kw_only=True)
class Walk:
    """What is known so far: ``known`` by tensor; ``tensors`` are those of each node.

    ``culprit`` is confirmed; ``suspects`` are those that weren't. ``ended`` says why the walk stopped before its end.
    """

    graph: Graph
    tensors: dict[str, tuple[str, ...]]
    known: dict[str, Closeness] = field(default_factory=dict)
    compared: int = 0
    total: int = 0
    fetched_bytes: int = 0
    culprit: Suspect | None = None
    suspects: list[Suspect] = field(default_factory=list)
    ended: str | None = None

    def into(self, node: Node) -> Closeness:
        """The worst of a node's inputs; a weight isn't one, nor a tensor that wasn't come to."""
        return worst(self.known[each] for each in node.inputs if each in self.known)

    def out(self, node: Node) -> Closeness:
        """The worst of what a node makes."""
        return worst(self.known[each] for each in self.made_by(node) if each in self.known)

    def made_by(self, node: Node) -> tuple[str, ...]:
        """What a node makes and anybody reads."""
        return self.tensors.get(node.name, ())

    def fetchable(self, node: Node) -> list[str]:
        """Of that, what both sides can be asked for."""
        return [each for each in self.made_by(node) if is_comparable(self.graph, each)]


def walk(
    graph: Graph,
    *,
    reference: Side,
    candidate: Candidate,
    there: Container[str],
    limit_db: float,
    rows: int,
    bounds: Bounds,
    clock: Callable[[], float],
) -> Walk:
    """``there`` are the nodes that the candidate has, by name; the others are passed over, as near as what they read.

    ``rows`` is the size of a dimension that the graph leaves open. Raises what the sides raise.
    """
    start = clock()
    total = sum(node.op not in ("Const", "Placeholder") for node in graph.nodes)
    found = Walk(graph=graph, tensors=tensors_of(graph), total=total)
    found.known = {node.name: EXACT for node in graph.nodes if node.op == "Placeholder"}
    for batch in batches(graph, there=there, rows=rows, limit=bounds.batch_bytes):
        found.ended = _ended(found, bounds, clock() - start)
        if found.ended is not None:
            return found
        fetched = [each for node in batch if node.name in there for each in found.fetchable(node)]
        wanted, have = _both(reference, candidate, fetched)
        found.fetched_bytes += sum(value.nbytes for value in wanted.values())
        for node in batch:
            _compare(found, node, wanted, have)
            if not _is_suspect(found.into(node), found.out(node), limit_db):
                continue
            if len(found.suspects) == bounds.replays:
                found.ended = f"{bounds.replays} nodes were replayed, and none of them is off by itself"
                return found
            suspect = _replayed(found, node, reference, candidate)
            if suspect.why_not is None and not agrees(suspect.alone, limit_db):
                found.culprit = suspect
                return found
            found.suspects.append(suspect)
    return found


def _both(reference: Side, candidate: Side, names: list[str]) -> tuple[dict[str, Array], dict[str, Array]]:
    return (reference.tensors(names), candidate.tensors(names)) if names else ({}, {})


def _compare(found: Walk, node: Node, wanted: dict[str, Array], have: dict[str, Array]) -> None:
    """What couldn't be fetched is taken to be as near as what it is made of."""
    compared = False
    for each in found.made_by(node):
        compared = compared or each in wanted
        found.known[each] = closeness(wanted[each], have[each]) if each in wanted else found.into(node)
    found.compared += compared


def _is_suspect(into: Closeness, out: Closeness, limit_db: float) -> bool:
    if agrees(out, limit_db):
        return False
    return agrees(into, limit_db) or decibel(into) - decibel(out) >= DROP_DB


def _replayed(found: Walk, node: Node, reference: Side, candidate: Candidate) -> Suspect:
    read = [each for each in dict.fromkeys(node.inputs) if node_of(each) not in found.graph.constants]
    given = [each for each in read if is_comparable(found.graph, each)]
    outputs = found.fetchable(node)
    values = reference.tensors([*given, *outputs])
    inputs, wanted = {each: values[each] for each in given}, {each: values[each] for each in outputs}
    try:
        made = candidate.alone(node.name, inputs, outputs)
    except NotReplayable as reason:
        return Suspect(node=node, inputs=inputs, wanted=wanted, why_not=str(reason))
    alone = worst(closeness(wanted[each], made[each]) for each in outputs)
    return Suspect(node=node, inputs=inputs, wanted=wanted, made=made, alone=alone)


def _ended(found: Walk, bounds: Bounds, seconds: float) -> str | None:
    if seconds > bounds.seconds:
        return f"the time limit of {bounds.seconds:g} s was reached"
    if found.fetched_bytes > bounds.total_bytes:
        return f"the limit of {show_bytes(bounds.total_bytes)} of tensors was reached"
    return None
