"""Enter, Merge, LoopCond, Switch, NextIteration, Exit  ->  While: a frame's condition and its body become functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tfjsci.errors import ConversionFailed
from tfjsci.graph.graph import normal
from tfjsci.load.functional.draft import ENTERS, EXITS, FIRST, MERGES, SWITCHES, TURNS, Draft, open_shapes
from tfjsci.load.origin import without_calls


@dataclass(frozen=True, kw_only=True)
class _Variable:
    """What a loop hands from turn to turn: its first value, the Merge that holds it, and what the next turn gets."""

    first: str
    merge: str
    next: str


@dataclass(frozen=True, kw_only=True)
class _Frame:
    name: str
    variables: tuple[_Variable, ...]
    condition: str
    constants: dict[str, str]  # what an Enter brings in once and for all -> the tensor outside


def raise_loop(draft: Draft) -> bool:
    """Replace one loop that has no other control flow of TensorFlow 1 inside; False where there is none."""
    names = {
        node.attr["frame_name"].s: None
        for node in draft.nodes.values()
        if node.op in ENTERS and not node.attr["is_constant"].b
    }
    for name in names:
        frame = _frame(draft, name)
        if frame is not None and _replace(draft, frame):
            return True
    return False


def _frame(draft: Draft, name: bytes) -> _Frame | None:
    """None for a frame that nothing is left of."""
    enters = {node.name: node for node in draft.nodes.values() if _enters(node, name)}
    variables = []
    for node in draft.nodes.values():
        tensors = list(draft.inputs(node)) if node.op in MERGES else []
        entered = [tensor for tensor in tensors if tensor in enters]
        turned = [tensor for tensor in tensors if draft.maker(tensor).op in TURNS]
        if entered and turned:
            first, later = (next(draft.inputs(draft.maker(tensors[0]))) for tensors in (entered, turned))
            variables.append(_Variable(first=first, merge=node.name, next=later))
    merges = {variable.merge for variable in variables}
    conditions = {
        list(draft.inputs(node))[1]
        for node in draft.nodes.values()
        if node.op in SWITCHES and next(draft.inputs(node)) in merges
    }
    if not variables or not conditions:
        return None
    if len(conditions) != 1 or draft.maker(condition := conditions.pop()).op != "LoopCond":
        raise ConversionFailed(
            f"the loop {name.decode(errors='replace')} can't be understood: it has no one condition",
            hint="Write it as tf.while_loop, and freeze the graph again.",
        )
    return _Frame(
        name=name.decode(errors="replace"),
        variables=tuple(variables),
        condition=next(draft.inputs(draft.maker(condition))),
        constants={node.name: next(draft.inputs(node)) for node in enters.values() if node.attr["is_constant"].b},
    )


def _enters(node: Any, frame: bytes) -> bool:
    return node.op in ENTERS and node.attr["frame_name"].s == frame


def _replace(draft: Draft, frame: _Frame) -> bool:
    merges = {variable.merge: i for i, variable in enumerate(frame.variables)}
    switches = {
        node.name: merges[next(draft.inputs(node))]
        for node in draft.nodes.values()
        if node.op in SWITCHES and next(draft.inputs(node)) in merges
    }
    inner = {f"{name}:1": i for name, i in switches.items()}
    arguments = [variable.first for variable in frame.variables]
    count = len(arguments)
    parts = []
    for results, known in (([frame.condition], merges), ([variable.next for variable in frame.variables], inner)):
        part = _part(draft, results, known, frame, arguments)
        if part is None:
            return False
        parts.append((results, *part))
    (conditions, in_condition, in_places), (turned, in_body, body_places) = parts
    scope = without_calls(frame.name)
    condition = draft.function(f"{scope}_cond", conditions, in_condition, arguments, in_places)
    # what comes in once and for all is given back as it is
    body = draft.function(f"{scope}_body", [*turned, *range(count, len(arguments))], in_body, arguments, body_places)
    made = draft.added(f"{scope}/While", "StatelessWhile", arguments)
    made.attr["T"].list.type.extend(draft.types[tensor] for tensor in arguments)
    made.attr["cond"].func.name, made.attr["body"].func.name = condition, body
    made.attr["parallel_iterations"].i = 10
    open_shapes(made, len(arguments))
    for i, tensor in enumerate(arguments):
        draft.types[normal(f"{made.name}:{i}")] = draft.types[tensor]
    for node in draft.nodes.values():
        if node.op in EXITS and draft.maker(source := next(draft.inputs(node))).name in switches:
            draft.hand_on(node, normal(f"{made.name}:{switches[draft.maker(source).name]}"))
    return True


def _part(
    draft: Draft, results: list[str], known: dict[str, int], frame: _Frame, arguments: list[str]
) -> tuple[set[str], dict[str, int]] | None:
    """The nodes of a function, and which tensors in it are which argument; None while something inside isn't functional.

    What comes from outside is added to ``arguments``.
    """

    def comes_in(tensor: str) -> bool:
        return tensor in known or tensor in frame.constants

    reached, stopped = draft.reach(results, comes_in)
    if any(draft.nodes[name].op in FIRST for name in reached):
        return None
    inside = {name for name in reached if draft.reach([name], comes_in)[1] or draft.constant_alone(name)}
    places = {tensor: known[tensor] for tensor in stopped if tensor in known}

    def argument(outer: str) -> int:
        start = len(frame.variables)
        if outer not in arguments[start:]:
            arguments.append(outer)
        return arguments.index(outer, start)

    for tensor in sorted(stopped):
        if tensor in frame.constants:
            places[tensor] = argument(frame.constants[tensor])
    read = {tensor for name in inside for tensor in draft.inputs(draft.nodes[name])} | set(results)
    for tensor in sorted(read - stopped):
        if draft.maker(tensor).name not in inside:
            places[tensor] = argument(tensor)
    return inside, places
