"""Switch(x, p) … Merge(x if not p, x if p)  ->  If(p, x): both sides become functions of what comes through the Switches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tfjsci.errors import ConversionFailed
from tfjsci.graph.graph import index_of, normal
from tfjsci.load.functional.draft import EXITS, MERGES, SWITCHES, TURNS, Draft, open_shapes
from tfjsci.load.origin import without_calls


@dataclass(frozen=True, kw_only=True)
class _Merge:
    """A Merge, what decides about it, and its tensors on both sides."""

    node: Any
    predicate: str
    sides: tuple[str, str]  # if false, if true


def raise_branches(draft: Draft) -> bool:
    """Replace one group of Merges that one predicate decides about; False where none is left that can be.

    Those inside of others come first: a side with a Merge in it waits.
    """
    ready = [
        merge
        for node in draft.nodes.values()
        if node.op in MERGES and not _closes_loop(draft, node) and (merge := _read(draft, node)) is not None
    ]
    if not ready:
        return False
    _replace(draft, _independent(draft, ready))
    return True


def _closes_loop(draft: Draft, node: Any) -> bool:
    return any(draft.maker(tensor).op in TURNS for tensor in draft.inputs(node))


def _read(draft: Draft, node: Any) -> _Merge | None:
    """None while something inside isn't functional yet. Raises ``ConversionFailed`` for what is no branch."""
    tensors = list(draft.inputs(node))
    found: list[set[tuple[str, int]]] = []
    for tensor in tensors:
        nodes, switches = draft.reach([tensor], lambda each: draft.maker(each).op in SWITCHES, control=True)
        if any(draft.nodes[name].op in MERGES | EXITS for name in nodes):
            return None
        decided = {_decided(draft, switch) for switch in switches if not switch.startswith("^")}
        found.append({each for each in decided if draft.maker(each[0]).op != "LoopCond"})  # a loop's, around it
    predicates = {predicate for side in found for predicate, _ in side}
    places = [{place for _, place in side} for side in found]
    if len(tensors) != 2 or len(predicates) != 1 or not _opposite(places):
        raise ConversionFailed(
            f"the branch that ends in {node.name} can't be understood: {len(predicates)} conditions decide about its "
            f"{len(tensors)} inputs",
            hint="Write it as one tf.cond, or take what isn't needed for inference out and freeze the graph again.",
        )
    true_first = places[0] == {1} or places[1] == {0}
    return _Merge(
        node=node,
        predicate=predicates.pop(),
        sides=(tensors[1], tensors[0]) if true_first else (tensors[0], tensors[1]),
    )


def _opposite(places: list[set[int]]) -> bool:
    """Each input comes from one side of the Switches, and not from the same; one may come from neither: a constant."""
    return sorted(map(sorted, places)) in ([[], [0]], [[], [1]], [[0], [1]])


def _decided(draft: Draft, switch: str) -> tuple[str, int]:
    """The predicate of a Switch, seen through what only hands it on, and which of its outputs this is."""
    node = draft.maker(switch)
    predicate = list(draft.inputs(node))[1]
    while (maker := draft.maker(predicate)).op == "Identity":
        predicate = next(draft.inputs(maker))
    return predicate, index_of(switch)


def _independent(draft: Draft, ready: list[_Merge]) -> list[_Merge]:
    """The first, and those of the same predicate of which none is made of another."""
    group: list[_Merge] = []
    behind: dict[str, set[str]] = {}
    for merge in ready:
        if merge.predicate == ready[0].predicate:
            name = merge.node.name
            behind[name], _ = draft.reach([name], lambda _: False)
            if not any(other.node.name in behind[name] or name in behind[other.node.name] for other in group):
                group.append(merge)
    return group


def _replace(draft: Draft, group: list[_Merge]) -> None:
    first = group[0]
    draft.refuse_asking([merge.node.name for merge in group])
    arguments: dict[str, int] = {}
    sides = [_side(draft, group, side, first.predicate, arguments) for side in (0, 1)]
    scope = without_calls(first.node.name).rpartition("/")[0] or first.node.name
    functions = [
        draft.function(f"{scope}_{what}", results, inside, list(arguments), places)
        for what, (results, inside, places) in zip(("false", "true"), sides, strict=True)
    ]
    made = draft.added(f"{scope}/If", "StatelessIf", [first.predicate, *arguments])
    made.attr["Tcond"].type = draft.types[first.predicate]
    made.attr["Tin"].list.type.extend(draft.types[tensor] for tensor in arguments)
    made.attr["Tout"].list.type.extend(draft.types[merge.node.name] for merge in group)
    made.attr["else_branch"].func.name, made.attr["then_branch"].func.name = functions
    open_shapes(made, len(group))
    for i, merge in enumerate(group):
        tensor = normal(f"{made.name}:{i}")
        draft.types[tensor] = draft.types[merge.node.name]
        draft.hand_on(merge.node, tensor)


def _side(
    draft: Draft, group: list[_Merge], side: int, predicate: str, arguments: dict[str, int]
) -> tuple[list[str], set[str], dict[str, int]]:
    """What one side returns, the nodes of it, and which tensors in it are which argument; new ones are added to ``arguments``."""
    results = [merge.sides[side] for merge in group]

    def comes_in(tensor: str) -> bool:
        return draft.maker(tensor).op in SWITCHES and _decided(draft, tensor)[0] == predicate

    reached, stopped = draft.reach(results, comes_in)
    inside = {name for name in reached if draft.reach([name], comes_in)[1] or draft.constant_alone(name)}
    places = {}
    for tensor in sorted(stopped):
        outer = next(draft.inputs(draft.maker(tensor)))
        places[tensor] = arguments.setdefault(outer, len(arguments))
    for tensor in sorted(_read_outside(draft, results, inside, stopped)):
        places[tensor] = arguments.setdefault(tensor, len(arguments))
    return results, inside, places


def _read_outside(draft: Draft, results: list[str], inside: set[str], stopped: set[str]) -> set[str]:
    read = {tensor for name in inside for tensor in draft.inputs(draft.nodes[name])} | set(results)
    return {tensor for tensor in read - stopped if draft.maker(tensor).name not in inside}
