"""A small constant that is a kernel's parameter, and a tensor for another kernel, becomes two.

The runtime reads a parameter (an axis, a shape) on the CPU. webgpu drops a tensor's values once a kernel has it on the GPU,
where only a slow detour over a canvas gets them back; a size that is computed beside it would be computed on the GPU, too.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace
from typing import Literal

from tfjsci.catalog.catalog import Catalog, load_catalog
from tfjsci.graph.graph import Constant, Graph, Node, TensorType, node_of, normal, unused_name

SMALL = 64
"""Numbers: a longer one is no parameter."""

Role = Literal["tensor", "size", "parameter"]


def with_parameters_apart(graph: Graph, catalog: Catalog | None = None) -> Graph:
    """A copy of the constant for each way in which it is read, beyond the first."""
    known = catalog or load_catalog()
    instead: dict[tuple[str, int], str] = {}
    copies: dict[str, str] = {}
    taken = set(graph.by_name)
    for name, constant in graph.constants.items():
        if constant.value.size > SMALL or constant.value.dtype.kind in "OSU":
            continue
        roles = _roles(graph, name, known)
        for role in list(roles)[1:]:
            copy = unused_name(f"{name}/{role}", taken)
            taken.add(copy)
            copies[copy] = name
            instead.update(dict.fromkeys(roles[role], copy))
    return _with_copies(graph, copies, instead) if copies else graph


def _roles(graph: Graph, name: str, catalog: Catalog) -> dict[Role, list[tuple[str, int]]]:
    """How the constant is read, and at which inputs of which nodes; as a tensor first."""
    found: dict[Role, list[tuple[str, int]]] = defaultdict(list)
    if name in map(node_of, graph.outputs):
        found["tensor"] = []
    for reader in graph.readers.get(name, ()):
        for index, tensor in enumerate(reader.inputs):
            if normal(tensor) == name:
                found[role_of(graph, reader, index, catalog)].append((reader.name, index))
    order: tuple[Role, ...] = ("tensor", "size", "parameter")
    return {role: found[role] for role in order if role in found}


def role_of(graph: Graph, node: Node, index: int, catalog: Catalog) -> Role:
    """What a small tensor is to the node that reads it at ``index``."""
    entry = catalog.ops.get(node.op)
    for parameter in entry.inputs if entry is not None else ():
        at = parameter.start if parameter.start >= 0 else len(node.inputs) + parameter.start
        if at == index and parameter.type not in ("tensor", "tensors"):
            return "parameter"
    made = graph.type_of(node.name)
    whole = made is not None and made.dtype.startswith("int")
    if made is None or not whole or made.shape is None or None in made.shape:
        return "tensor"
    return "size" if math.prod(n for n in made.shape if n is not None) <= SMALL else "tensor"


def _with_copies(graph: Graph, copies: dict[str, str], instead: dict[tuple[str, int], str]) -> Graph:
    made = tuple(replace(graph[original], name=copy) for copy, original in copies.items())
    nodes = tuple(
        node.reading(tuple(instead.get((node.name, i), tensor) for i, tensor in enumerate(node.inputs)))
        for node in graph.nodes
    )
    constants: dict[str, Constant] = {copy: graph.constants[original] for copy, original in copies.items()}
    types: dict[str, TensorType] = {
        copy: known for copy, original in copies.items() if (known := graph.type_of(original))
    }
    return replace(
        graph, nodes=made + nodes, constants={**graph.constants, **constants}, types={**graph.types, **types}
    )
