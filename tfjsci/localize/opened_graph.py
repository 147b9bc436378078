"""A graph with a loop opened (:mod:`tfjsci.localize.opened`), for TensorFlow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tfjsci.dtypes import RUNTIME_DTYPE
from tfjsci.graph.calls import LOOPS, bodies, with_arguments
from tfjsci.graph.graph import Constant, DType, FunctionBody, Graph, Node, TensorType
from tfjsci.localize.opened import COUNTERS, Shown
from tfjsci.localize.sides import NotReplayable

_WHOLE = TensorType(dtype="int32", shape=())
_SHOWN = RUNTIME_DTYPE.keys() - {"string", "bfloat16"}
"""Of which numpy has a zero to begin with."""


def opened_graph(graph: Graph, loop: str, tensors: Sequence[str]) -> tuple[Graph, Shown]:
    """``graph`` with :data:`COUNTERS` as Placeholders. Tensors that can't be fetched, or of an unknown dtype, aren't shown.

    Raises ``NotReplayable`` where ``loop`` isn't one, or its functions aren't there.
    """
    node = graph.by_name.get(loop)
    inside = bodies(graph, node) if node is not None and node.op in LOOPS else {}
    if node is None or inside.keys() != {"cond", "body"}:
        raise NotReplayable(f"{loop} is no loop whose functions are there")
    cond, body = inside["cond"], inside["body"]
    types_of = {tensor: body.graph.type_of(tensor) for tensor in tensors}
    asked = {tensor: known for tensor, known in types_of.items() if known is not None and known.dtype in _SHOWN}
    starts = {known.dtype: f"opened/{known.dtype}" for known in asked.values()}
    added = [*COUNTERS, *(starts[known.dtype] for known in asked.values())]
    unknown = [TensorType(dtype=known.dtype, shape=None) for known in asked.values()]
    types = [*(_WHOLE for _ in COUNTERS), *unknown]
    if taken := {*added} & {*graph.by_name, *cond.graph.by_name, *body.graph.by_name}:
        raise NotReplayable(f"the graph has nodes of the names that are needed: {min(taken)}")
    extra = [f"opened/input_{n}" for n in range(len(asked))]
    names = [*COUNTERS, *extra]
    turn, _, turns = COUNTERS
    in_cond = _with_inputs(cond, names, types)
    less = Node(name="opened/less", op="Less", inputs=(turn, turns), attrs={"T": DType("int32")})
    both = Node(name="opened/go_on", op="LogicalAnd", inputs=(cond.graph.outputs[0], less.name))
    in_body = _with_inputs(body, names, types)
    more = Node(name="opened/next", op="AddV2", inputs=(turn, COUNTERS[1]), attrs={"T": DType("int32")})
    functions = {
        cond.name: _ending(in_cond, (less, both), (both.name,)),
        body.name: _ending(in_body, (more,), (*body.graph.outputs, more.name, *COUNTERS[1:], *asked)),
    }
    count = len(node.inputs)
    outputs = {tensor: f"{loop}:{count + len(COUNTERS) + n}" for n, tensor in enumerate(asked)}
    opened = Graph(
        nodes=(
            *(Node(name=name, op="Placeholder", attrs={"dtype": DType("int32")}) for name in COUNTERS),
            *(Node(name=name, op="Const", attrs={"dtype": DType(dtype)}) for dtype, name in starts.items()),
            *(with_arguments(each, added, types) if each is node else each for each in graph.nodes),
        ),
        outputs=(f"{loop}:{count}", *outputs.values()),
        constants={
            **graph.constants,
            **{name: Constant(value=np.zeros((), dtype)) for dtype, name in starts.items()},
        },
        types=graph.types,
        functions={**graph.functions, **functions},
    )
    return opened, Shown(turn=f"{loop}:{count}", tensors=outputs)


def _with_inputs(body: FunctionBody, names: Sequence[str], types: Sequence[TensorType]) -> FunctionBody:
    made = tuple(
        Node(name=name, op="Placeholder", attrs={"dtype": DType(known.dtype)})
        for name, known in zip(names, types, strict=True)
    )
    known = {**body.graph.types, **dict(zip(names, types, strict=True))}
    graph = replace(body.graph, nodes=(*made, *body.graph.nodes), types=known)
    return replace(body, inputs=(*body.inputs, *names), graph=graph)


def _ending(body: FunctionBody, nodes: Sequence[Node], outputs: Sequence[str]) -> FunctionBody:
    graph = replace(body.graph, nodes=(*body.graph.nodes, *nodes), outputs=tuple(outputs))
    return replace(body, graph=graph)
