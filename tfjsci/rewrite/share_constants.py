"""Constants that are equal to the last bit and made of the same variables, stored once.

An unrolled recurrent layer computes the same slice of its bias at every step; folding makes a Const of each.
"""

from __future__ import annotations

from collections.abc import Iterator

from tfjsci.graph.edited import edited
from tfjsci.graph.graph import Constant, Graph, node_of, normal


def with_shared_constants(graph: Graph) -> Graph:
    """Readers of the second read the first. Two variables that happen to be equal stay two: they have names of their own."""
    instead: dict[str, str] = {}
    for names in _alike(graph):
        first: dict[bytes, str] = {}
        for name in names:
            kept = first.setdefault(graph.constants[name].value.tobytes(), name)
            if kept != name:
                instead[name] = kept
    if not instead:
        return graph
    readers = {reader.name: reader for name in instead for reader in graph.readers.get(name, ())}
    led = {
        name: reader.reading(tuple(instead.get(normal(tensor), tensor) for tensor in reader.inputs))
        for name, reader in readers.items()
    }
    return edited(graph, put=led).pruned()


def _alike(graph: Graph) -> Iterator[list[str]]:
    """Two constants or more that may be one, in order: most differ in more than their numbers, which needn't be read then."""
    outputs = {node_of(tensor) for tensor in graph.outputs}
    found: dict[tuple[object, ...], list[str]] = {}
    for name, constant in graph.constants.items():
        if constant.value.dtype.kind not in "OSU" and name not in outputs:
            found.setdefault(_likeness(constant), []).append(name)
    return (names for names in found.values() if len(names) > 1)


def _likeness(constant: Constant) -> tuple[object, ...]:
    return (constant.value.dtype.str, constant.value.shape, tuple(sorted(constant.sources)))


def identity_of(constant: Constant) -> tuple[object, ...]:
    """What two constants have in common that are one."""
    return (*_likeness(constant), constant.value.tobytes())
