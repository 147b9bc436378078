"""A graph of ours as a side of a search: run by TensorFlow, its fused ops taken apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from tfjsci.errors import ReferenceFailed
from tfjsci.graph.graph import Array, AttrValue, Constant, DType, Graph, Node, dtype_name, node_of
from tfjsci.graph.running import NotRunnable, runnable
from tfjsci.graph.unfused import FusionError, take_apart
from tfjsci.localize.opened import counters, turn_of
from tfjsci.localize.opened_graph import opened_graph
from tfjsci.localize.sides import Alone, NotReplayable, Turn

Values = Mapping[str, Array]

Run = Callable[[Values], list[Array]]


class InTensorFlow:
    """``call`` has an array for each Placeholder, by its name; one is cast to the Placeholder's dtype where that is another."""

    def __init__(self, graph: Graph, call: Values, *, name: str = "TensorFlow") -> None:
        self.name = name
        self._graph = graph
        self._apart = _taken_apart(graph, name)
        self._call = {each.name: _fitting(call[each.name], each) for each in _placeholders(graph) if each.name in call}

    def tensors(self, names: Sequence[str]) -> Alone:
        """As ``Side.tensors``."""
        return _run(self._apart, self._call, names, self.name)

    def alone(self, node: str, inputs: Values, outputs: Sequence[str]) -> Alone:
        """As ``Replaying.alone``."""
        graph = alone_in_graph(self._graph, node, inputs, outputs)
        given = {each.name: _fitting(inputs[tensor], each) for tensor, each in _stand_ins(graph, inputs).items()}
        return _run(_taken_apart(graph, self.name), given, outputs, self.name)

    def inside(self, loop: str, names: Sequence[str], turns: int) -> Turn:
        """As ``Opening.inside``."""
        opened, shown = opened_graph(self._graph, loop, names)
        given = {**self._call, **counters(turns)}
        wanted = [shown.turn, *shown.tensors.values()]
        return turn_of(shown, _run(_taken_apart(opened, self.name), given, wanted, self.name))


def alone_in_graph(graph: Graph, node: str, inputs: Values, outputs: Sequence[str]) -> Graph:
    """``node`` with its constants, and a Placeholder for each of ``inputs``. Raises ``NotReplayable``."""
    found = graph[node]
    fed = {tensor: _stand_in(tensor) for tensor in inputs}
    others = dict.fromkeys(node_of(tensor) for tensor in found.inputs if tensor not in inputs)
    for name in others:
        if graph[name].inputs or graph[name].op == "Placeholder":
            raise NotReplayable(f"its input {name} can't be given from outside")
    placeholders = tuple(
        Node(name=fed[tensor], op="Placeholder", attrs={"dtype": _wanted(graph, tensor, value)})
        for tensor, value in inputs.items()
    )
    read = tuple(fed.get(tensor, tensor) for tensor in found.inputs)
    return Graph(
        nodes=(*(graph[name] for name in others), *placeholders, replace(found.reading(read), control=())),
        outputs=tuple(outputs),
        constants={name: graph.constants[name] for name in others if name in graph.constants},
        functions=graph.functions,
    )


class Weighed:
    """The outputs of ``graph`` for one call, with other values in the place of the weights ``opened``: built once, run often."""

    def __init__(self, graph: Graph, call: Values, opened: Sequence[str]) -> None:
        """Raises ``ReferenceFailed`` where TensorFlow can't take the graph."""
        self._inner = {name for name in opened if name not in graph.constants}
        self._graph = _taken_apart(graph, "TensorFlow")
        self._call = {each.name: _fitting(call[each.name], each) for each in _placeholders(graph) if each.name in call}
        self._opened = _with_placeholders(self._graph, [name for name in opened if name in graph.constants])
        self._running = _runnable(self._opened, "TensorFlow")

    def __call__(self, values: Values) -> list[Array]:
        """The outputs in order; ``values`` has one for each opened weight. Raises ``ReferenceFailed``."""
        given = {**self._call, **{name: value for name, value in values.items() if name not in self._inner}}
        if not self._inner:
            return _called(self._running, given, "TensorFlow")
        # What a function reads can't be fed: there the graph is built anew.
        inner = {name: values[name] for name in self._inner if name in values}
        return _called(_runnable(_with_inner(self._opened, inner), "TensorFlow"), given, "TensorFlow")


def _with_placeholders(graph: Graph, names: Sequence[str]) -> Graph:
    opened = set(names)
    nodes = tuple(
        Node(name=node.name, op="Placeholder", attrs={"dtype": DType(dtype_name(graph.constants[node.name].value))})
        if node.name in opened
        else node
        for node in graph.nodes
    )
    constants = {name: constant for name, constant in graph.constants.items() if name not in opened}
    return replace(graph, nodes=nodes, constants=constants, types={})


def _with_inner(graph: Graph, values: Values) -> Graph:
    def changed(part: Graph) -> Graph:
        own = {name: Constant(value=values[name].copy()) for name in part.constants if name in values}
        return replace(part, constants={**part.constants, **own}) if own else part

    functions = {name: replace(body, graph=changed(body.graph)) for name, body in graph.functions.items()}
    return replace(graph, functions=functions)


def _run(graph: Graph, call: Values, names: Sequence[str], side: str) -> Alone:
    values = _called(_runnable(replace(graph, outputs=tuple(names)).pruned(), side), call, side)
    return dict(zip(names, values, strict=True))


def _runnable(graph: Graph, side: str) -> Run:
    try:
        return runnable(graph)
    except NotRunnable as error:
        raise ReferenceFailed(f"{side} can't take the graph: {str(error)[:300]}") from error


def _called(running: Run, given: Values, side: str) -> list[Array]:
    try:
        return running(given)
    except NotRunnable as error:
        raise ReferenceFailed(f"{side} can't run the graph on these inputs: {str(error)[:300]}") from error


def _taken_apart(graph: Graph, side: str) -> Graph:
    try:
        functions = {name: replace(body, graph=take_apart(body.graph)) for name, body in graph.functions.items()}
        return take_apart(replace(graph, functions=functions))
    except FusionError as error:
        raise ReferenceFailed(f"{side} can't run the graph: {error}") from error


def _placeholders(graph: Graph) -> tuple[Node, ...]:
    return tuple(node for node in graph.nodes if node.op == "Placeholder")


def _stand_in(tensor: str) -> str:
    return f"replayed/{tensor.replace(':', '_')}"


def _stand_ins(graph: Graph, inputs: Values) -> dict[str, Node]:
    return {tensor: graph[_stand_in(tensor)] for tensor in inputs}


def _wanted(graph: Graph, tensor: str, value: Array) -> AttrValue:
    known = graph.type_of(tensor)
    return DType(known.dtype if known else dtype_name(value))


def _fitting(value: Array, placeholder: Node) -> Array:
    """The value in the Placeholder's dtype: rewriting may have changed it, and the browser has float32 and int32 alone."""
    wanted = placeholder.attrs.get("dtype")
    own = dtype_name(value)
    if not isinstance(wanted, DType) or wanted.name == own or "string" in (wanted.name, own):
        return value
    return np.asarray(value.astype(wanted.name))
