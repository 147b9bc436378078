"""Loops and branches: what their functions compute becomes graphs of their own, one for each place that calls them.

TensorFlow hands a variable into a loop as a resource. A graph of ours has none: each function is loaded anew where it is
called, with the variables known that come in there, and is left with its tensors for arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tfjsci.errors import ConversionFailed
from tfjsci.graph.calls import BRANCHES, CALLS, LOOPS, types_key
from tfjsci.graph.functiondef import function_to_graphdef
from tfjsci.graph.graph import FunctionBody, Graph, GraphError, normal, unused_name
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.load.origin import without_calls

Load = Callable[[Any, Sequence[str], Sequence[str], Mapping[str, str]], Graph]
"""A GraphDef with its library, its inputs, the tensors wanted of it, and argument -> handle outside -> a Graph."""


@dataclass(frozen=True, kw_only=True)
class _Call:
    """A node that runs functions; ``resources`` maps the numbers of its arguments that are variables to their handles."""

    node: Any
    first: int
    resources: Mapping[int, str]


def take_functions(
    graphdef: Any, needed: set[str], source: Callable[[str], str | None], load: Load, taken: set[str]
) -> dict[str, FunctionBody]:
    """The functions that the needed loops and branches of ``graphdef`` run, by new names that aren't ``taken``.

    In place, those nodes lose their resources and name the new functions, and the library goes. Raises
    ``ConversionFailed`` for a loop that changes which variable it works on.
    """
    library = {function.signature.name: function for function in graphdef.library.function}
    found: dict[str, FunctionBody] = {}
    calls = [_call(node, source) for node in graphdef.node if node.name in needed and node.op in CALLS]
    for call in calls:
        for role, reference in _references(call.node):
            if reference.name not in library:
                continue
            name = unused_name(f"{without_calls(call.node.name)}/{role}".replace("/", "_"), taken)
            taken.add(name)
            found[name] = _body(name, role, library[reference.name], library, call, load)
            reference.name = name
    gone = {call.node.name: call.resources for call in calls if call.resources and call.node.op in LOOPS}
    for call in calls:
        _without_resources(call)
    _lead_past(graphdef, gone)
    del graphdef.library.function[:]
    return found


def _call(node: Any, source: Callable[[str], str | None]) -> _Call:
    resource = tensorflow().resource.as_datatype_enum
    first = int(node.op in BRANCHES)
    types = node.attr[types_key(node.op)].list.type
    data = [tensor for tensor in node.input if not tensor.startswith("^")][first:]
    handles = {i: source(tensor) for i, tensor in enumerate(data) if types[i] == resource}
    return _Call(node=node, first=first, resources={i: handle for i, handle in handles.items() if handle})


def _references(node: Any) -> Iterator[tuple[str, Any]]:
    """The attributes that name functions, each with what the function is to the node."""
    for key, value in sorted(node.attr.items()):
        if value.HasField("func"):
            yield key, value.func
        for i, function in enumerate(value.list.func):
            yield f"{key}_{i}", function


def _body(name: str, role: str, function: Any, library: Mapping[str, Any], call: _Call, load: Load) -> FunctionBody:
    try:
        graphdef, arguments, results = function_to_graphdef(function, library)
    except (GraphError, KeyError) as error:
        raise ConversionFailed(
            f"the {role} of {call.node.op} {call.node.name} doesn't hold together: {error}",
            hint="The model is damaged, or was made with ops that the TensorFlow installed here doesn't know.",
        ) from error
    if role == "body":
        _refuse_changing(call, arguments, results, graphdef)
        results = [tensor for i, tensor in enumerate(results) if i not in call.resources]
    handles = {arguments[i]: handle for i, handle in call.resources.items()}
    inputs = [argument for argument in arguments if argument not in handles]
    graphdef.versions.producer = tensorflow().version.GRAPH_DEF_VERSION
    graphdef.library.function.extend(library.values())
    return FunctionBody(name=name, inputs=tuple(inputs), graph=load(graphdef, inputs, results, handles))


def _refuse_changing(call: _Call, arguments: Sequence[str], results: Sequence[str], graphdef: Any) -> None:
    """A variable that a loop works on must be the same one in the next turn."""
    nodes = {node.name: node for node in graphdef.node}
    for i in call.resources:
        name = results[i]
        while (node := nodes.get(name.partition(":")[0])) is not None and node.op == "Identity":
            name = node.input[0]
        if normal(name) != arguments[i]:
            raise ConversionFailed(
                f"the loop {call.node.name} works on another variable in each turn",
                hint="Read the variables before the loop, and hand their values in.",
            )


def _without_resources(call: _Call) -> None:
    node, gone = call.node, {call.first + i for i in call.resources}
    if not gone:
        return
    data = [tensor for tensor in node.input if not tensor.startswith("^")]
    control = [tensor for tensor in node.input if tensor.startswith("^")]
    del node.input[:]
    node.input.extend([tensor for i, tensor in enumerate(data) if i not in gone] + control)
    _keep(node.attr[types_key(node.op)].list.type, call.resources)
    if node.op in LOOPS:
        _keep(node.attr["output_shapes"].list.shape, call.resources)


def _keep(items: Any, gone: Mapping[int, str]) -> None:
    for i in sorted(gone, reverse=True):
        if i < len(items):
            del items[i]


def _lead_past(graphdef: Any, gone: Mapping[str, Mapping[int, str]]) -> None:
    """A loop's outputs move up where a variable was among them."""
    if not gone:
        return
    for node in graphdef.node:
        for i, tensor in enumerate(node.input):
            name, _, index = tensor.partition(":")
            if name in gone and not tensor.startswith("^"):
                place = int(index or 0)
                node.input[i] = f"{name}:{place - sum(other < place for other in gone[name])}"
