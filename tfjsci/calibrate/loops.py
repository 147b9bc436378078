"""Weights that a loop's body multiplies with: the loop itself sums up what comes to them, in a variable that it hands round.

What a body computes is no tensor of the graph, so it can't be asked for. A loop that gives back Σ xᵀx beside its own results can.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from tfjsci.calibrate.readings import Reading, readings_of
from tfjsci.graph.calls import LOOPS, roles, with_arguments
from tfjsci.graph.graph import (
    AttrValue,
    Constant,
    DType,
    FunctionBody,
    Graph,
    Node,
    ShapeAttr,
    TensorType,
    unused_name,
)


def loop_readings(graph: Graph, name: str) -> tuple[Reading, ...] | str:
    """Every product that the weight ``name``, which functions read, is in, or why that can't be told.

    All are to be matrix products in the body of one loop of the main graph. ``graph`` has no fused ops.
    """
    bodies = [body for body in graph.functions.values() if name in body.graph.constants]
    nodes = [node for node in graph.nodes if node.op in LOOPS and roles(node)["body"] in {body.name for body in bodies}]
    if len(bodies) != 1 or len(nodes) != 1 or name in graph.constants:
        return "it is read in a branch, in a loop within a loop, or in several places"
    found = readings_of(bodies[0].graph, name)
    if isinstance(found, str):
        return f"{found}, in a loop"
    if any(each.windows is not None or each.transposed for each in found):
        return "it is no plain product, in a loop"
    return tuple(replace(each, loop=nodes[0].name) for each in found)


def with_sums(graph: Graph, sizes: Mapping[Reading, int]) -> tuple[Graph, dict[Reading, str]]:
    """The graph whose loops also give back Σ xᵀx [K, K] for each of these readings (by K), and the tensors that these are."""
    tensors: dict[Reading, str] = {}
    for loop in dict.fromkeys(reading.loop for reading in sizes):
        assert loop is not None
        own = {reading: size for reading, size in sizes.items() if reading.loop == loop}
        tensors |= {reading: f"{loop}:{len(graph[loop].inputs) + i}" for i, reading in enumerate(own)}
        graph = _summing(graph, graph[loop], own)
    return graph, tensors


def _summing(graph: Graph, loop: Node, sizes: Mapping[Reading, int]) -> Graph:
    body, cond = (graph.functions[roles(loop)[which]] for which in ("body", "cond"))
    added = [TensorType(dtype="float32", shape=(size, size)) for size in sizes.values()]
    zeros = _fresh(graph, [f"{loop.name}/sum" for _ in sizes])
    made = {
        name: Constant(value=np.zeros((size, size), np.float32))
        for name, size in zip(zeros, sizes.values(), strict=True)
    }
    extended = with_arguments(loop, zeros, added)
    consts = tuple(Node(name=name, op="Const", attrs={"dtype": DType("float32")}) for name in zeros)
    return replace(
        graph,
        nodes=(*consts, *(extended if node.name == loop.name else node for node in graph.nodes)),
        constants={**graph.constants, **made},
        functions={
            **graph.functions,
            body.name: _summing_up(body, added, [reading.activation for reading in sizes]),
            cond.name: _summing_up(cond, added, []),
        },
    )


def _summing_up(function: FunctionBody, added: Sequence[TensorType], summed: list[str]) -> FunctionBody:
    """The function with an argument of each type ``added``; a body adds xᵀx of what is ``summed`` to each, and gives it back."""
    graph = function.graph
    names = _fresh(graph, ["sum" for _ in added])
    nodes = [
        Node(name=name, op="Placeholder", attrs={"dtype": DType(each.dtype), "shape": ShapeAttr(each.shape)})
        for name, each in zip(names, added, strict=True)
    ]
    typed: dict[str, AttrValue] = {"T": DType("float32")}
    results: list[str] = []
    for name, x in zip(names, summed, strict=False):
        square, result = _fresh(graph, [f"{name}/square", f"{name}/result"])
        turned: dict[str, AttrValue] = {**typed, "transpose_a": True, "transpose_b": False}
        nodes += [
            Node(name=square, op="MatMul", inputs=(x, x), attrs=turned),
            Node(name=result, op="AddV2", inputs=(name, square), attrs=typed),
        ]
        results.append(result)
    types = dict(zip(names, added, strict=True))
    types |= {result: types[name] for result, name in zip(results, names, strict=False)}
    return FunctionBody(
        name=function.name,
        inputs=(*function.inputs, *names),
        graph=replace(
            graph,
            nodes=(*graph.nodes, *nodes),
            outputs=(*graph.outputs, *results),
            types={**graph.types, **types},
        ),
    )


def _fresh(graph: Graph, wanted: Iterable[str]) -> list[str]:
    taken = set(graph.by_name)
    names = []
    for each in wanted:
        names.append(unused_name(each, taken))
        taken.add(names[-1])
    return names
