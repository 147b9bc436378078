"""How often a loop turns, where that can be told before it runs; and conditions said more simply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tfjsci.graph.calls import LOOPS, bodies, calls
from tfjsci.graph.graph import DType, Graph, Node, normal
from tfjsci.rewrite.control.inline import inlined
from tfjsci.rewrite.control.parts import (
    led,
    part_of,
    with_own_functions,
    with_part,
    without_unused_functions,
)
from tfjsci.rewrite.control.variables import counts

_COMPARES: dict[str, Callable[[int, int], bool]] = {
    "Less": lambda a, b: a < b,
    "LessEqual": lambda a, b: a <= b,
    "Greater": lambda a, b: a > b,
    "GreaterEqual": lambda a, b: a >= b,
    "NotEqual": lambda a, b: a != b,
}

UNROLLED_NODES = 5000
"""An unrolled loop has at most so many nodes: the runtime reads a graph in milliseconds up to here."""

UNROLLED_BY_ITSELF = 2000
"""An unrolled loop has at most so many where nobody said how many turns are to be unrolled."""

UNROLLED_IN_ALL = 5000
"""Nor has the graph more than so many then, with all its loops: those in others are there once for each of the others' turns."""


def with_simple_conditions(graph: Graph) -> Graph:
    """Conditions that ask the same twice ask it once, and a counter is held against the nearer of two limits.

    LogicalAnd is the GPU's even for two numbers that the CPU has, and reading its answer back takes longer than a turn.
    """
    for _, node in calls(graph):
        if node.op in LOOPS:
            cond = bodies(graph, node)["cond"]
            simple = _simple(cond.graph)
            if simple is not cond.graph:
                graph = with_part(graph, cond.name, simple)
    return graph


def _simple(cond: Graph) -> Graph:
    while True:
        first: dict[tuple[object, ...], str] = {}
        instead: dict[str, str] = {}
        for node in cond.nodes:
            if node.op in _COMPARES:
                kept = first.setdefault((node.op, *(_what(cond, tensor) for tensor in node.inputs)), node.name)
                if kept != node.name:
                    instead[node.name] = kept
            elif node.op == "LogicalAnd":
                a, b = map(normal, node.inputs)
                if a == b or _always(cond, b):
                    instead[node.name] = a
                elif _always(cond, a):
                    instead[node.name] = b
        if instead:
            cond = led(cond, instead).pruned()
            continue
        nearer = _with_nearer_limit(cond)
        if nearer is None:
            return cond
        cond = nearer


def _what(graph: Graph, tensor: str) -> object:
    """What is compared: a constant number by its value."""
    constant = graph.constant(tensor)
    known = constant is not None and constant.value.shape == () and constant.value.dtype.kind in "iu"
    return int(constant.value) if constant is not None and known else normal(tensor)


def _with_nearer_limit(cond: Graph) -> Graph | None:
    """Less(i, a) and Less(i, b)  ->  Less(i, Minimum(a, b)), for whole numbers."""
    for node in cond.nodes:
        if node.op != "LogicalAnd":
            continue
        one, two = (cond.by_name.get(normal(tensor)) for tensor in node.inputs)
        if one is None or two is None or one.op != "Less" or two.op != "Less":
            continue
        if normal(one.inputs[0]) != normal(two.inputs[0]) or one.attrs.get("T") != DType("int32"):
            continue
        ends = [cond.constant(each.inputs[1]) for each in (one, two)]
        if ends[0] is not None and ends[1] is not None:
            nearer = one if int(ends[0].value) <= int(ends[1].value) else two
            return led(cond, {node.name: nearer.name}).pruned()
        limit = cond.fresh(f"{node.name}/limit")
        made = Node(name=limit, op="Minimum", inputs=(one.inputs[1], two.inputs[1]), attrs={"T": DType("int32")})
        asked = replace(one, name=node.name, inputs=(one.inputs[0], limit))
        nodes = tuple(asked if each.name == node.name else each for each in cond.nodes)
        return replace(cond, nodes=(*nodes, made)).pruned()
    return None


def _always(graph: Graph, tensor: str) -> bool:
    constant = graph.constant(tensor)
    return constant is not None and constant.value.dtype == np.bool_ and bool(constant.value.all())


def turns_of(part: Graph, node: Node, graph: Graph, limit: int) -> int | None:
    """How often the loop turns, if that is known and at most ``limit``."""
    inside = bodies(graph, node)
    if node.op not in LOOPS or not inside:
        return None
    cond, body = inside["cond"], inside["body"]
    values: dict[str, tuple[int, int]] = {}  # a counter's Placeholder in the condition -> its first value, and its step
    for i, name in enumerate(cond.inputs):
        begin, step = part.constant(node.inputs[i]), counts(body, i)
        if begin is not None and step is not None and begin.value.shape == ():
            values[name] = (int(begin.value), step)

    def value(tensor: str, turn: int) -> int | None:
        constant = cond.graph.constant(tensor)
        if constant is not None and constant.value.shape == () and constant.value.dtype.kind in "iu":
            return int(constant.value)
        begin, step = values.get(normal(tensor), (None, 0))
        return None if begin is None else begin + step * turn

    def holds(tensor: str, turn: int) -> bool | None:
        constant = cond.graph.constant(tensor)
        if constant is not None and constant.value.size == 1:
            return bool(constant.value.reshape(-1)[0])
        maker = cond.graph.by_name.get(normal(tensor))
        if maker is not None and maker.op == "LogicalAnd":
            sides = [holds(each, turn) for each in maker.inputs]
            return False if False in sides else None if None in sides else True
        if maker is None or maker.op not in _COMPARES:
            return None
        a, b = (value(each, turn) for each in maker.inputs)
        return None if a is None or b is None else _COMPARES[maker.op](a, b)

    for turn in range(limit + 1):
        answer = holds(cond.graph.outputs[0], turn)
        if answer is None:
            return None
        if not answer:
            return turn
    return None


def _copied(graph: Graph, part: Graph) -> int:
    """How many nodes a part has with the functions that it runs: constants are there once for all turns."""
    inside = (body.graph for node in part.nodes for body in bodies(graph, node).values())
    return sum(node.op not in {"Const", "Placeholder"} for node in part.nodes) + sum(
        _copied(graph, each) for each in inside
    )


def with_loops_unrolled(graph: Graph, *, limit: int | None = 1) -> Graph:
    """Loops whose turns are known before, put in their place as often as they turn.

    Those that turn at most ``limit`` times and make at most ``UNROLLED_NODES``; with no limit, at most ``UNROLLED_BY_ITSELF``, as
    long as there aren't ``UNROLLED_IN_ALL``. Inner ones first: how many nodes an outer one makes is then known.
    """
    nodes = UNROLLED_BY_ITSELF if limit is None else UNROLLED_NODES
    while True:
        left = nodes if limit is not None else min(nodes, UNROLLED_IN_ALL - _copied(graph, graph))
        for where, node in reversed(list(calls(graph))):
            part = part_of(graph, where)
            turns = turns_of(part, node, graph, nodes if limit is None else limit)
            if turns is None:
                continue
            body = bodies(graph, node)["body"]
            if turns > 1 and turns * _copied(graph, body.graph) > left:
                continue
            each_turn = [body]
            while len(each_turn) < turns:
                copy, functions = with_own_functions(graph, body)
                each_turn.append(copy)
                graph = replace(graph, functions={**graph.functions, **functions}) if functions else graph
            done = inlined(replace(part, functions={}), node, each_turn[:turns], node.inputs)
            graph = without_unused_functions(with_part(graph, where, done))
            break
        else:
            return graph
