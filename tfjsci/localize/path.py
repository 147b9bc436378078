"""The way through the graph to a node and on to an output: what a table of a few lines shows."""

from __future__ import annotations

from collections import deque

from tfjsci.graph.graph import Graph, Node, node_of
from tfjsci.localize.closeness import decibel
from tfjsci.localize.localization import PathStep
from tfjsci.localize.walk import Walk

BEFORE, AFTER = 4, 4
"""Nodes of the path on either side."""


def path_to(graph: Graph, found: Walk, node: Node) -> list[Node]:
    """The nodes before it, the last at the end, each by the input that is farthest from the reference."""
    way = [node]
    while len(way) <= BEFORE:
        computed = [each for each in way[0].inputs if each in found.known and graph[node_of(each)].inputs]
        if not computed:
            break
        farthest = min(computed, key=lambda each: decibel(found.known[each]))
        way.insert(0, graph[node_of(farthest)])
    return way


def path_on(graph: Graph, node: Node) -> list[Node]:
    """The nodes behind it on the shortest way to an output: the first few, and the one that makes the output."""
    ends = {node_of(tensor) for tensor in graph.outputs}
    before: dict[str, str | None] = {node.name: None}
    queue = deque([node.name])
    while queue:
        name = queue.popleft()
        if name in ends:
            way: list[Node] = []
            at: str | None = name
            while at is not None and at != node.name:
                way.insert(0, graph[at])
                at = before[at]
            return way if len(way) <= AFTER else [*way[: AFTER - 1], way[-1]]
        for reader in graph.readers.get(name, ()):
            if reader.name not in before:
                before[reader.name] = name
                queue.append(reader.name)
    return []


def step_of(found: Walk, node: Node) -> PathStep:
    """A line of the table."""
    return PathStep(node=node.name, op=node.op, layers=node.origin, into=found.into(node), out=found.out(node))
