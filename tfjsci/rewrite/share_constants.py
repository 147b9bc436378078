"""Constants that are equal to the last bit, stored once.

An unrolled recurrent layer computes the same slice of its bias at every step; folding makes a Const of each. And a weight may
have been saved twice: tied layers that an exporter took apart, or two copies of one tower.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace

from tfjsci.graph.edited import edited
from tfjsci.graph.graph import Constant, Graph, node_of, normal

WORTH_BYTES = 1024
"""What two variables save at least when they are stored as one: below it, names of their own are worth more."""


_FIRST = 16
"""Numbers that tell most weights apart."""


def with_shared_constants(graph: Graph) -> Graph:
    """Readers of the second read the first. Two variables that are equal stay two: rules name what they make after them."""
    return _shared(graph, _equals(graph, _likeness))


def with_weights_stored_once(graph: Graph) -> Graph:
    """Two variables that are equal become one, too, where that saves something, and go by the names of both from there on.

    Last of all, since rules look at variables one by one. A weight all of whose numbers are the same (biases that nobody has
    trained) takes no bytes to speak of, compressed, and stays.
    """
    instead = {
        name: kept
        for name, kept in _equals(graph, _form).items()
        if (value := graph.constants[kept].value).nbytes >= WORTH_BYTES and (value != value.flat[0]).any()
    }
    return _shared(graph, instead)


def _equals(graph: Graph, likeness: Callable[[Constant], Hashable]) -> dict[str, str]:
    """Of constants that are equal, all but the first, each with the first."""
    instead: dict[str, str] = {}
    for names in _alike(graph, likeness):
        first: dict[bytes, str] = {}
        for name in names:
            kept = first.setdefault(graph.constants[name].value.tobytes(), name)
            if kept != name:
                instead[name] = kept
    return instead


def _shared(graph: Graph, instead: dict[str, str]) -> Graph:
    if not instead:
        return graph
    readers = {reader.name: reader for name in instead for reader in graph.readers.get(name, ())}
    led = {
        name: reader.reading(tuple(instead.get(normal(tensor), tensor) for tensor in reader.inputs))
        for name, reader in readers.items()
    }
    sources: dict[str, dict[str, None]] = {}
    for name, kept in instead.items():
        sources.setdefault(kept, dict.fromkeys(graph.constants[kept].sources)).update(
            dict.fromkeys(graph.constants[name].sources)
        )
    known = {
        kept: replace(graph.constants[kept], sources=tuple(every))
        for kept, every in sources.items()
        if tuple(every) != graph.constants[kept].sources
    }
    return edited(graph, put={**led, **{kept: graph[kept] for kept in known}}, constants=known).pruned()


def _alike(graph: Graph, likeness: Callable[[Constant], Hashable]) -> Iterator[list[str]]:
    """Two constants or more that may be one, in order: most differ in more than their numbers, or in the first of these, and
    the others needn't be read then. (A transformer's weights are of a few shapes: all their bytes at once are a second model.)
    """
    outputs = {node_of(tensor) for tensor in graph.outputs}
    found: dict[Hashable, list[str]] = {}
    for name, constant in graph.constants.items():
        if constant.value.dtype.kind not in "OSU" and name not in outputs:
            found.setdefault((likeness(constant), constant.value.flat[:_FIRST].tobytes()), []).append(name)
    return (names for names in found.values() if len(names) > 1)


def _form(constant: Constant) -> tuple[object, ...]:
    return (constant.value.dtype.str, constant.value.shape)


def _likeness(constant: Constant) -> tuple[object, ...]:
    return (*_form(constant), tuple(sorted(constant.sources)))


def identity_of(constant: Constant) -> tuple[object, ...]:
    """What two constants have in common that are one."""
    return (*_likeness(constant), constant.value.tobytes())
