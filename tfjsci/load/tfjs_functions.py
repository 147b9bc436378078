"""The functions of a TF.js graph model: those that it has, and those that control flow v1 becomes.

Each place that runs one has its own, and all names are such as TensorFlow takes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tfjsci.graph.functiondef import function_to_graphdef
from tfjsci.graph.graph import Array, AttrValue, FunctionBody, FunctionName, Graph, GraphError, node_of, unused_name
from tfjsci.graph.graphdef import from_graphdef, to_graphdef
from tfjsci.graph.renamed import renamed
from tfjsci.graph.unfused import take_apart
from tfjsci.load.functional.made_functional import make_functional
from tfjsci.load.origin import layer_of
from tfjsci.load.placeholders import outputs_apart
from tfjsci.load.tfjs_nodes import graph_with

CONTROL_FLOW_V1 = frozenset({"Switch", "Merge", "Enter", "Exit", "NextIteration", "LoopCond"})
"""What upstream makes of loops and branches unless it is told otherwise (``--control_flow_v2``)."""


def with_functions(graph: Graph, library: Any, weights: Mapping[str, Array]) -> tuple[Graph, dict[str, str]]:
    """The graph with its functions beside it, and which of its nodes are called otherwise now.

    Loops and branches that are nodes of it become functions, too. Raises ``GraphError`` for a function that isn't there or
    calls itself, and ``ConversionFailed`` for control flow that isn't understood.
    """
    if any(node.op in CONTROL_FLOW_V1 for node in graph.nodes):
        graph, library = _made_functional(take_apart(graph), library)
    functions = _Functions({function.signature.name: function for function in library.function}, weights)
    whole = functions.taken_in(graph)
    bodies = {name: _plain_body(body) for name, body in whole.functions.items()}
    plain, names = _plainly_named(whole)
    return replace(plain, functions=bodies), names


_NAME = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_./>-]*")
"""What TensorFlow takes for a node's name. Upstream calls the weights of a function after it: ``__inference_while_body_7/…``."""


def _plain_body(body: FunctionBody) -> FunctionBody:
    graph, names = _plainly_named(body.graph)
    return replace(body, graph=graph, inputs=tuple(names.get(name, name) for name in body.inputs))


def _plainly_named(graph: Graph) -> tuple[Graph, dict[str, str]]:
    """The graph without names that TensorFlow refuses, and what those are called now."""
    taken = set(graph.by_name)
    names: dict[str, str] = {}
    for name in graph.by_name:
        if not _NAME.fullmatch(name):
            names[name] = unused_name(re.sub(r"[^A-Za-z0-9_./>-]", "_", name).lstrip("_/>-") or "node", taken)
            taken.add(names[name])
    return renamed(graph, names), names


def _made_functional(graph: Graph, library: Any) -> tuple[Graph, Any]:
    graphdef = to_graphdef(graph, with_functions=False)
    graphdef.library.CopyFrom(library)
    fed = {name: graph.constants[name] for name in _placeholders(graphdef) if name in graph.constants}
    inputs = [node for node in graphdef.node if node.op == "Placeholder" and node.name not in fed]
    outputs = outputs_apart(graphdef, graph.outputs, [*fed, *(node.name for node in inputs)])
    make_functional(graphdef, [node_of(tensor) for tensor in outputs])
    left = _placeholders(graphdef)
    graphdef.node.extend(node for node in inputs if node.name not in left)
    made = from_graphdef(
        graphdef,
        outputs=outputs,
        weights={name: constant for name, constant in fed.items() if name in left},
        origins={node.name: layer_of(node.name) for node in graphdef.node},
    )
    return made, graphdef.library


def _placeholders(graphdef: Any) -> set[str]:
    return {node.name for node in graphdef.node if node.op == "Placeholder"}


class _Functions:
    """The functions of loops and branches, a graph of its own for each place that runs one."""

    def __init__(self, library: Mapping[str, Any], weights: Mapping[str, Array]) -> None:
        self._library, self._weights = library, weights
        self._taken: set[str] = set()
        self._open: list[str] = []

    def taken_in(self, graph: Graph) -> Graph:
        """``graph`` with the functions that its nodes name, and those that these name, under names of their own."""
        found: dict[str, FunctionBody] = {}
        nodes = []
        for node in graph.nodes:
            attrs: dict[str, AttrValue] = {}
            for key, value in node.attrs.items():
                if isinstance(value, FunctionName):
                    attrs[key] = self._body(value, found)
                elif isinstance(value, tuple) and any(isinstance(item, FunctionName) for item in value):
                    attrs[key] = tuple(self._body(item, found) for item in value if isinstance(item, FunctionName))
                else:
                    attrs[key] = value
            nodes.append(replace(node, attrs=attrs))
        return replace(graph, nodes=tuple(nodes), functions=found)

    def _body(self, reference: FunctionName, found: dict[str, FunctionBody]) -> FunctionName:
        name = reference.name
        if name not in self._library:
            raise GraphError(f"the function {name!r} isn't there")
        if name in self._open:
            raise GraphError(f"the function {name!r} calls itself")
        self._open.append(name)
        graphdef, arguments, results = function_to_graphdef(self._library[name], self._library)
        made = unused_name(name, self._taken)
        self._taken.add(made)
        inner = self.taken_in(_with_arguments(graph_with(graphdef, results, self._weights), arguments))
        found |= inner.functions
        found[made] = FunctionBody(name=made, inputs=tuple(arguments), graph=replace(inner, functions={}))
        self._open.pop()
        return FunctionName(made)


def _with_arguments(graph: Graph, arguments: list[str]) -> Graph:
    missing = [name for name in arguments if name not in graph]
    if missing:
        raise GraphError(f"the argument {missing[0]!r} of a function isn't in it")
    return graph
