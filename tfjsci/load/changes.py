"""What a function does to the variables that it is handed: which of its arguments it writes to, by itself or through others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tfjsci.graph.calls import BRANCHES
from tfjsci.graph.grappler import functions_of

_HANDS_ON = frozenset({"Identity", "Snapshot"})


def handed_to_writers(node: Any, library: Mapping[str, Any], writes: Callable[[Any], bool]) -> set[int]:
    """Which of a loop's, branch's or call's inputs (control edges aside) its functions write to; ``writes`` tells of a node."""
    first = int(node.op in BRANCHES)
    return {first + i for name in functions_of(node) for i in _changed(name, library, writes, frozenset())}


def _changed(name: str, library: Mapping[str, Any], writes: Callable[[Any], bool], asked: frozenset[str]) -> set[int]:
    """The arguments of a function that are written to."""
    if name not in library or name in asked:
        return set()
    function = library[name]
    nodes = {node.name: node for node in function.node_def}
    places = {argument.name: i for i, argument in enumerate(function.signature.input_arg)}

    def argument(tensor: str) -> int | None:
        bare = tensor.partition(":")[0]
        while (node := nodes.get(bare)) is not None and node.op in _HANDS_ON and node.input:
            bare = node.input[0].partition(":")[0]
        return places.get(bare)

    found: set[int | None] = set()
    for node in function.node_def:
        data = [tensor for tensor in node.input if not tensor.startswith("^")]
        if writes(node):
            found |= {argument(tensor) for tensor in data}
        first = int(node.op in BRANCHES)
        for called in functions_of(node):
            found |= {argument(data[first + i]) for i in _changed(called, library, writes, asked | {name})}
    return {place for place in found if place is not None}
