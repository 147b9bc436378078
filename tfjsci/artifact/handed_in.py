"""Weights that loops and branches read, handed to them from outside: what runs there has the file's weights, and arguments.

A weight that is made by the initializer is neither, so it becomes an argument of each function on the way: of a loop, a variable
that each turn gives back as it is. The runtime frees nothing that a function was given.

Source: tfjs-converter's ``control_executor`` and ``graph_executor`` (4.22.0).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from tfjsci.graph.calls import LOOPS, bodies, with_arguments
from tfjsci.graph.graph import (
    Constant,
    DType,
    FunctionBody,
    Graph,
    Node,
    ShapeAttr,
    TensorType,
)


def handed_in(graph: Graph, names: Collection[str]) -> Graph:
    """The same graph, with those of the weights ``names`` that functions read as constants of the main graph alone.

    Each is float32, and nobody else has its name in the main graph (:func:`why_not_handed_in`).
    """
    wanted = {name: graph.all_constants[name] for name in names if _in_functions(graph, name)}
    if not wanted:
        return graph
    handing = _Handing(graph, wanted)
    new = {name: constant for name, constant in wanted.items() if name not in graph.constants}
    consts = tuple(Node(name=name, op="Const", attrs={"dtype": DType("float32")}) for name in new)
    main = replace(graph, nodes=(*consts, *graph.nodes), constants={**graph.constants, **new}, functions={})
    main = handing.part(main, {name: name for name in wanted})
    return replace(main, functions={**graph.functions, **handing.functions})


def runs_of(graph: Graph) -> Counter[str]:
    """How many nodes run each function, by its name."""
    return Counter(
        body.name for _, part in graph.walk() for node in part.nodes for body in bodies(graph, node).values()
    )


def why_not_handed_in(graph: Graph, name: str, runs: Mapping[str, int] | None = None) -> str | None:
    """Why a weight can't be handed to the functions that read it, or None if it can or needn't; ``runs``: :func:`runs_of`."""
    reading = [body.name for body in graph.functions.values() if name in body.graph.constants]
    if not reading:
        return None
    if name not in graph.constants and name in graph:
        return "a loop or a branch reads it, and another node has its name"
    runs = runs_of(graph) if runs is None else runs
    if any(runs.get(each, 0) != 1 for each in reading):
        return "a function reads it that isn't run in one place"
    return None


def _in_functions(graph: Graph, name: str) -> bool:
    return any(name in body.graph.constants for body in graph.functions.values())


@dataclass
class _Handing:
    graph: Graph
    weights: dict[str, Constant]
    functions: dict[str, FunctionBody] = field(default_factory=dict)

    def part(self, part: Graph, local: dict[str, str]) -> Graph:
        """A part in which ``local`` says what the weights are called, its loops and branches given what they need of them."""
        nodes: list[Node] = []
        types = dict(part.types)
        for node in part.nodes:
            inside = bodies(self.graph, node)
            needed = [name for name in self.weights if any(self._needs(body, name) for body in inside.values())]
            if not needed:
                nodes.append(node)
                continue
            for role, body in inside.items():
                self.functions[body.name] = self._function(body, needed, gives_back=node.op in LOOPS and role == "body")
            count = len(node.inputs)
            given = [self._type(name) for name in needed]
            nodes.append(with_arguments(node, [local[name] for name in needed], given))
            if node.op in LOOPS:
                types |= {f"{node.name}:{count + i}": each for i, each in enumerate(given)}
        return replace(part, nodes=tuple(nodes), types=types)

    def _needs(self, body: FunctionBody, name: str) -> bool:
        inner = (each for node in body.graph.nodes for each in bodies(self.graph, node).values())
        return name in body.graph.constants or any(self._needs(each, name) for each in inner)

    def _function(self, body: FunctionBody, needed: Iterable[str], *, gives_back: bool) -> FunctionBody:
        graph = body.graph
        local: dict[str, str] = {}
        for name in needed:
            local[name] = name if name in graph.constants else graph.fresh(name, local.values())
        made = {local[name]: self._placeholder(local[name], name) for name in needed}
        kept = [made.pop(node.name) if node.name in made else node for node in graph.nodes]
        changed = replace(
            graph,
            nodes=(*made.values(), *kept),
            constants={name: value for name, value in graph.constants.items() if name not in local},
            types={**graph.types, **{local[name]: self._type(name) for name in needed}},
            outputs=(*graph.outputs, *local.values()) if gives_back else graph.outputs,
        )
        return replace(body, inputs=(*body.inputs, *local.values()), graph=self.part(changed, local))

    def _placeholder(self, called: str, name: str) -> Node:
        shape = ShapeAttr(self.weights[name].value.shape)
        return Node(name=called, op="Placeholder", attrs={"dtype": DType("float32"), "shape": shape})

    def _type(self, name: str) -> TensorType:
        return TensorType(dtype="float32", shape=self.weights[name].value.shape)
