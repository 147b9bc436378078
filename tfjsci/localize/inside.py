"""Inside of a loop that is the culprit: the first turn in which both sides come apart, and the first node in it that does.

A loop that goes wrong stays wrong, as a rule: so the turns 1, 2, 4, 8 … are looked at, and then, by halves, those between the
last that agrees and the first that doesn't. In a turn the body's nodes are gone through in order, as those outside were; none
is run alone.
"""

from __future__ import annotations

from collections.abc import Callable

from tfjsci.graph.calls import LOOPS, bodies
from tfjsci.graph.graph import FunctionBody, Graph, Node, node_of
from tfjsci.localize.batches import is_comparable, portions, tensors_of
from tfjsci.localize.closeness import agrees, closeness
from tfjsci.localize.localization import InsideLoop
from tfjsci.localize.opened import one_of_each_node
from tfjsci.localize.path import path_to, step_of
from tfjsci.localize.sides import Candidate, NotReplayable, Reference
from tfjsci.localize.walk import Walk

MOST_TURNS = 1 << 16
"""Beyond that no turn is looked at."""


def look_inside(
    graph: Graph,
    loop: Node,
    *,
    reference: Reference,
    candidate: Candidate,
    limit_db: float,
    rows: int,
    seconds: float,
    clock: Callable[[], float],
) -> InsideLoop | str:
    """Where the body of ``loop`` comes apart, by ``limit_db``, or why that can't be seen.

    After ``seconds`` no further turn is looked at: the first of those that were is told. Raises what the sides raise.
    """
    inside = bodies(graph, loop)
    if loop.op not in LOOPS:
        return "the nodes of a branch can't be asked for"
    if "body" not in inside:
        return "its functions aren't there"
    body, end = inside["body"], clock() + seconds
    questions = _questions(body, rows)
    seen: dict[int, Walk] = {}

    def look(turn: int) -> tuple[int, bool]:
        """Which turn was seen, an earlier one where the loop ends before, and whether it comes apart in it."""
        found = Walk(graph=body.graph, tensors=tensors_of(body.graph), total=0)
        number = turn
        for names in questions:
            wanted, have = (side.inside(loop.name, names, turn) for side in (reference, candidate))
            number = min(wanted.number, have.number)
            if wanted.number == have.number:
                shared = wanted.tensors.keys() & have.tensors.keys()
                found.known |= {name: closeness(wanted.tensors[name], have.tensors[name]) for name in shared}
        for node in body.graph.nodes:  # what couldn't be had is taken to be as near as what it is made of
            missing = [each for each in found.made_by(node) if each not in found.known] if node.inputs else []
            found.known |= dict.fromkeys(missing, found.into(node))
        seen[number] = found
        return number, _first(body, found, limit_db) is not None

    try:
        turn = first_turn(look, lambda: clock() > end)
    except NotReplayable as reason:
        return str(reason)
    if turn is None:
        return f"all that could be asked for agrees in the turns that were looked at, up to turn {max(seen, default=0)}"
    found = seen[turn]
    node = _first(body, found, limit_db)
    assert node is not None  # or else the turn wouldn't have come apart
    return InsideLoop(
        turn=turn,
        node=node.name,
        op=node.op,
        layers=node.origin,
        into=found.into(node),
        out=found.out(node),
        path=tuple(step_of(found, each) for each in path_to(body.graph, found, node)),
    )


def loop_behind(graph: Graph, node: Node) -> tuple[Node | None, list[str]]:
    """The loop that gave ``node`` a list (a handle, which can't be fetched), and the handles on the way; None where none did."""
    waiting, handles = list(node.inputs), []
    while waiting:
        tensor = waiting.pop(0)
        if is_comparable(graph, tensor):
            continue
        handles.append(tensor)
        maker = graph[node_of(tensor)]
        if maker.op in LOOPS:
            return maker, handles
        waiting += maker.inputs
    return None, handles


def first_turn(look: Callable[[int], tuple[int, bool]], is_late: Callable[[], bool]) -> int | None:
    """The first turn that comes apart, as far as it was looked for; None if none does."""
    good, bad, turn = 0, 0, 1
    while not bad:
        number, apart = look(turn)
        if apart:
            bad = number
        elif number < turn or turn >= MOST_TURNS or is_late():
            return None
        else:
            good, turn = turn, turn * 2
    while bad - good > 1 and not is_late():
        middle = (good + bad) // 2
        if look(middle)[1]:
            bad = middle
        else:
            good = middle
    return bad


def _questions(body: FunctionBody, rows: int) -> list[tuple[str, ...]]:
    """What the body is given and computes, as far as it can be fetched, in portions that there is memory for."""
    graph, tensors = body.graph, tensors_of(body.graph)
    made = [tensor for node in graph.nodes if node.op != "Const" for tensor in tensors.get(node.name, ())]
    names = one_of_each_node(body, [tensor for tensor in made if is_comparable(graph, tensor)])
    return list(portions(((name, [name]) for name in names), graph, rows=rows))


def _first(body: FunctionBody, found: Walk, limit_db: float) -> Node | None:
    """The first node whose inputs agree and whose output doesn't; one that was given what is off isn't to blame."""
    for node in body.graph.nodes:
        if node.inputs and not agrees(found.out(node), limit_db) and agrees(found.into(node), limit_db):
            return node
    return None
