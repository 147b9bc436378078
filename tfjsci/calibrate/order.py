"""The order in which weights are rounded: from the inputs on, so that a layer is calibrated on what it will really be fed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tfjsci.calibrate.readings import Reading
from tfjsci.graph.graph import Graph, node_of


def in_turns(graph: Graph, readings: Mapping[str, Sequence[Reading]]) -> tuple[tuple[str, ...], ...]:
    """The weights of ``readings`` in groups; a weight's activations depend on weights of earlier groups only.

    A weight that is read again further down (an unrolled loop's) counts where it is read first.
    """
    depth: dict[str, int] = {}
    loops = {each.loop for found in readings.values() for each in found if each.loop}
    before: dict[str, int] = {}
    for node in graph.nodes:
        weighs = node.name in loops or any(name in readings for name in node.reads)
        before[node.name] = max((depth[name] for name in node.reads), default=0)
        depth[node.name] = before[node.name] + weighs
    turns: dict[int, list[str]] = {}
    for name, found in readings.items():
        turn = min(before[each.loop] if each.loop else depth[node_of(each.activation)] for each in found)
        turns.setdefault(turn, []).append(name)
    return tuple(tuple(turns[turn]) for turn in sorted(turns))
