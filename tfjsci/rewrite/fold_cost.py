"""What a fold costs whoever downloads the model, and what it saves.

It costs the bytes of its results, as they are stored. It saves the constants that nobody reads any more, and nodes, each of
which would be run at every inference: to one of them 4 KiB are worth it, a few milliseconds on a slow line, once. So a kernel
that is transposed is folded, and batch norm's factors, and a mask of 64 × 64; a table of sines of 1 MB is computed, a large
Fill stays one, and the transposed copy of an embedding isn't stored beside the embedding that others read. What has constants
in common is weighed together: a kernel that is split into four costs what it was.
"""

from __future__ import annotations

from collections.abc import Mapping

from tfjsci.graph.graph import Array, Graph, node_of, normal

BYTES_FOR_A_NODE = 4096
"""What may be downloaded more for each node less, and for a result at all."""


def stored_bytes(value: Array) -> int:
    """In the artifact: bools have a byte, complex numbers two floats, all others are a float or an integer of 32 bits."""
    return int(value.size) * {"b": 1, "c": 8}.get(value.dtype.kind, 4)


def too_dear(graph: Graph, values: Mapping[str, Array]) -> set[str]:
    """Those of the tensors in ``values`` that had better be computed at each inference; the others may all be constants.

    It is to be asked again without them: what is left has fewer constants in common then.
    """
    kept = _kept(graph, values)
    dear: set[str] = set()
    for tensors, gone in _together(graph, values, kept):
        freed = sum(stored_bytes(graph.constants[name].value) for name in gone if name in graph.constants)
        nodes = sum(name not in graph.constants for name in gone)
        limit = freed + BYTES_FOR_A_NODE * max(nodes, 1)  # a rule may need the constant, though its maker stays
        if sum(stored_bytes(values[t]) for t in tensors) <= limit or _distinct_bytes(values, tensors) <= limit:
            continue
        alone = {t for t in tensors if stored_bytes(values[t]) > BYTES_FOR_A_NODE * _nodes_behind(graph, t)}
        dear |= alone or {max(tensors, key=lambda t: stored_bytes(values[t]))}
    return dear


def _kept(graph: Graph, values: Mapping[str, Array]) -> set[str]:
    """The nodes that are needed still when the values are constants."""
    kept: set[str] = set()
    stack = [tensor for tensor in graph.outputs if normal(tensor) not in values]
    stack += [node.name for node in graph.nodes if node.op == "Placeholder"]
    while stack:
        name = node_of(stack.pop())
        if name not in kept:
            kept.add(name)
            node = graph[name]
            stack += [tensor for tensor in (*node.inputs, *node.control) if normal(tensor) not in values]
    return kept


def _together(graph: Graph, values: Mapping[str, Array], kept: set[str]) -> list[tuple[list[str], set[str]]]:
    """The tensors in groups that have something in common that would go, with all that would go."""
    group_of: dict[str, int] = {}
    groups: dict[int, tuple[list[str], set[str]]] = {}
    for number, tensor in enumerate(values):
        tensors, gone, stack = [tensor], set[str](), [node_of(tensor)]
        while stack:
            name = stack.pop()
            if name in kept or name in gone:
                continue
            if name in group_of:  # it goes with what came before: the two are one group
                others, theirs = groups.pop(group_of[name])
                tensors, gone = others + tensors, theirs | gone
                group_of.update(dict.fromkeys(theirs, number))
                continue
            gone.add(name)
            group_of[name] = number
            stack += [node_of(t) for t in graph[name].inputs]
        group_of.update(dict.fromkeys(gone, number))
        groups[number] = (tensors, gone)
    return list(groups.values())


def _distinct_bytes(values: Mapping[str, Array], tensors: list[str]) -> int:
    """The bytes of what is stored once: an unrolled layer makes the same slice at every step."""
    distinct = {(v.dtype.str, v.shape, v.tobytes()): stored_bytes(v) for v in (values[t] for t in tensors)}
    return sum(distinct.values())


def _nodes_behind(graph: Graph, tensor: str) -> int:
    """How many nodes compute it, constants aside."""
    seen: set[str] = set()
    stack = [node_of(tensor)]
    while stack:
        name = stack.pop()
        if name not in seen and name not in graph.constants:
            seen.add(name)
            stack += [node_of(t) for t in graph[name].inputs]
    return len(seen)
