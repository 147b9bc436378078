"""A FunctionDef as a GraphDef and back. Inside a FunctionDef a tensor is ``node:output_argument:index``; in a graph ``node:n``.

Source: tensorflow/core/framework/function.proto and op_def.proto.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from typing import Any

from tfjsci.graph.graph import FunctionBody, GraphError, normal, unused_name
from tfjsci.graph.tensorflow import tensorflow


def function_to_graphdef(function: Any, library: Mapping[str, Any]) -> tuple[Any, list[str], list[str]]:
    """The body of ``function``, its arguments as Placeholders, with the names of those and of the tensors it returns.

    A Placeholder has the shape that the function was traced with. ``library`` are the functions that may be called in it
    by their names. Raises ``GraphError`` when the function reads what isn't there.
    """
    out = tensorflow().compat.v1.GraphDef()
    arguments = [argument.name for argument in function.signature.input_arg]
    for i, argument in enumerate(function.signature.input_arg):
        made = out.node.add(name=argument.name, op="Placeholder")
        made.attr["dtype"].type = argument.type
        shapes = function.arg_attr[i].attr["_output_shapes"].list.shape if i in function.arg_attr else []
        if len(shapes) == 1:
            made.attr["shape"].shape.CopyFrom(shapes[0])
        else:
            made.attr["shape"].shape.unknown_rank = True
    nodes = {node.name: node for node in function.node_def}
    offsets: dict[str, dict[str, int]] = {}

    def flat(tensor: str) -> str:
        if tensor.startswith("^"):
            return tensor
        name, _, rest = tensor.partition(":")
        if not rest:
            return name
        argument, _, index = rest.partition(":")
        if argument.isdigit():  # as in a graph: our own artifacts have it so
            return normal(f"{name}:{argument}")
        if name not in nodes:
            raise GraphError(f"function {function.signature.name!r} reads {tensor!r}, which isn't in it")
        if name not in offsets:
            offsets[name] = {known: start for known, start, _ in _outputs(nodes[name], library)}
        return normal(f"{name}:{offsets[name][argument] + int(index or 0)}")

    for node in function.node_def:
        copied = out.node.add()
        copied.CopyFrom(node)
        del copied.input[:]
        copied.input.extend(map(flat, node.input))
    return out, arguments, [flat(function.ret[result.name]) for result in function.signature.output_arg]


def graphdef_to_function(body: FunctionBody, graphdef: Any, types: Mapping[str, int]) -> Any:
    """The FunctionDef of ``body``, whose nodes ``graphdef`` holds; ``types`` are the enums of its inputs and outputs."""
    function = importlib.import_module("tensorflow.core.framework.function_pb2").FunctionDef()
    function.signature.name = body.name
    taken = {node.name for node in graphdef.node}
    outside = set(body.inputs)
    nodes = {node.name: node for node in graphdef.node}
    made: dict[str, list[str]] = {}

    def inner(tensor: str) -> str:
        name, _, index = tensor.partition(":")
        if name in outside or tensor.startswith("^"):
            return name
        if name not in made:
            made[name] = [
                f"{name}:{argument}:{i}" for argument, _, count in _outputs(nodes[name], {}) for i in range(count)
            ]
        return made[name][int(index or 0)]

    for name in body.inputs:
        function.signature.input_arg.add(name=name, type=types[name])
        attr = function.arg_attr[len(function.signature.input_arg) - 1].attr["_output_shapes"]
        attr.list.shape.add().CopyFrom(nodes[name].attr["shape"].shape)
    for i, tensor in enumerate(body.graph.outputs):
        result = unused_name(f"result_{i}", taken)
        function.signature.output_arg.add(name=result, type=types[tensor])
        function.ret[result] = inner(tensor)
    for node in graphdef.node:
        if node.name not in outside:
            copied = function.node_def.add()
            copied.CopyFrom(node)
            del copied.input[:]
            copied.input.extend(map(inner, node.input))
    return function


def _outputs(node: Any, library: Mapping[str, Any]) -> Iterable[tuple[str, int, int]]:
    """Each output argument of a node: its name, the number of its first tensor, and how many it has."""
    registry = importlib.import_module("tensorflow.python.framework.op_def_registry")
    known = library.get(node.op)
    definition = known.signature if known is not None else registry.get(node.op)
    if definition is None:
        raise GraphError(f"the TensorFlow that is installed here doesn't know the op {node.op}")
    start = 0
    for argument in definition.output_arg:
        if argument.number_attr:
            count = int(node.attr[argument.number_attr].i)
        elif argument.type_list_attr:
            count = len(node.attr[argument.type_list_attr].list.type)
        else:
            count = 1
        yield argument.name, start, count
        start += count
