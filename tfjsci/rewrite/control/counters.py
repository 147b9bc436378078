"""A number that tells a kernel where to read, and is computed with on the GPU, becomes two: a loop's counter above all.

webgpu drops a tensor's values once a kernel has it on the GPU, and can't read them back while a graph runs. What a list is read
at must stay on the CPU, so whoever computes with it is given a sum of it and zero, which is made there.

    item = list[i]; y = float(i) * x    ->    item = list[i]; y = float(i + 0) * x
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tfjsci.catalog.catalog import Catalog, load_catalog
from tfjsci.graph.calls import CALLS
from tfjsci.graph.graph import Constant, DType, FunctionBody, Graph, Node, TensorType, normal
from tfjsci.rewrite.control.parts import with_part
from tfjsci.rewrite.parameters_apart import SMALL, role_of


def with_counters_apart(graph: Graph, catalog: Catalog | None = None) -> Graph:
    """In each function: a copy of the number for those that compute with it. A small constant has one reader that is a call."""
    if not graph.functions:
        return graph
    known = catalog or load_catalog()
    for name, body in graph.functions.items():
        graph = with_part(graph, name, _constants_apart(_apart(body, known)))
    return with_part(graph, "", _constants_apart(replace(graph, functions={})))


def _apart(body: FunctionBody, catalog: Catalog) -> Graph:
    graph = body.graph
    zeros: list[Node] = []
    constants: dict[str, Constant] = {}
    types: dict[str, TensorType] = {}
    instead: dict[tuple[str, int], str] = {}
    for tensor in _numbers(graph):
        readers = [
            (node, i)
            for node in graph.readers.get(tensor, ())
            for i, read in enumerate(node.inputs)
            if normal(read) == tensor
        ]
        roles = {(node.name, i): _role(graph, node, i, catalog) for node, i in readers}
        if "parameter" not in roles.values() or "tensor" not in roles.values():
            continue
        known = graph.types[tensor]
        zero, copy = (graph.fresh(f"{tensor}/{word}", constants.keys() | types.keys()) for word in ("zero", "copy"))
        constants[zero] = Constant(value=np.zeros((), dtype=known.dtype))
        types[copy] = known
        dtype = DType(known.dtype)
        zeros.append(Node(name=zero, op="Const", attrs={"dtype": dtype}))
        zeros.append(Node(name=copy, op="AddV2", inputs=(tensor, zero), attrs={"T": dtype}))
        instead.update({place: copy for place, role in roles.items() if role == "tensor"})
    if not instead:
        return graph
    nodes = tuple(
        replace(node, inputs=tuple(instead.get((node.name, i), tensor) for i, tensor in enumerate(node.inputs)))
        for node in graph.nodes
    )
    return replace(
        graph,
        nodes=(*nodes, *zeros),
        constants={**graph.constants, **constants},
        types={**graph.types, **types},
    )


def _numbers(graph: Graph) -> list[str]:
    """Whole numbers that are given or computed, first outputs of their nodes."""
    return [
        node.name
        for node in graph.nodes
        if node.op != "Const"
        and (known := graph.types.get(node.name)) is not None
        and known.dtype.startswith("int")
        and known.shape == ()
    ]


def _role(graph: Graph, node: Node, index: int, catalog: Catalog) -> str:
    if node.op in CALLS:
        return "tensor"  # who knows what becomes of it there
    made = graph.types.get(node.name)
    if made is not None and made.dtype == "bool" and made.shape == ():
        return "size"  # a comparison of small numbers is made on the CPU
    return role_of(graph, node, index, catalog)


def _constants_apart(graph: Graph) -> Graph:
    """A copy of each small constant for each loop and branch that it is given to."""
    nodes: list[Node] = []
    constants: dict[str, Constant] = {}
    for node in graph.nodes:
        if node.op not in CALLS:
            nodes.append(node)
            continue
        inputs = list(node.inputs)
        for i, tensor in enumerate(node.inputs):
            constant = graph.constant(tensor)
            shared = constant is not None and len(graph.readers[normal(tensor)]) + node.inputs.count(tensor) > 2
            if constant is None or constant.value.size > SMALL or not shared:
                continue
            name = graph.fresh(f"{tensor}/given", constants)
            constants[name] = constant
            nodes.append(replace(graph[normal(tensor)], name=name))
            inputs[i] = name
        nodes.append(replace(node, inputs=tuple(inputs)))
    if not constants:
        return graph
    return replace(graph, nodes=tuple(nodes), constants={**graph.constants, **constants})
