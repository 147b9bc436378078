"""Nodes that run functions: loops and branches, what they are given, and what their attributes say.

Each function belongs to one node. All of them lie side by side in ``Graph.functions`` of the main graph, those of a loop in
a loop as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tfjsci.graph.graph import AttrValue, DType, FunctionBody, FunctionName, Graph, Node, ShapeAttr, TensorType

LOOPS = frozenset({"While", "StatelessWhile"})
IFS = frozenset({"If", "StatelessIf"})
CASES = frozenset({"Case", "StatelessCase"})
BRANCHES = IFS | CASES
"""Whose first input is the condition, which is no argument of their functions."""
CALLS = LOOPS | BRANCHES


def arguments(node: Node) -> tuple[str, ...]:
    """What the functions are given: all inputs of a loop, those after the condition of a branch."""
    return node.inputs if node.op in LOOPS else node.inputs[1:]


def types_key(op: str) -> str:
    """The attribute that has the arguments' dtypes."""
    return "T" if op in LOOPS else "Tin"


def roles(node: Node) -> dict[str, str]:
    """Role (``cond``, ``body``, ``then_branch``, ``branches_0`` …) -> the function's name; of any op that names functions."""
    found: dict[str, str] = {}
    for key, value in node.attrs.items():
        for i, item in enumerate(value if isinstance(value, tuple) else (value,)):
            if isinstance(item, FunctionName):
                found[f"{key}_{i}" if isinstance(value, tuple) else key] = item.name
    return found


def bodies(graph: Graph, node: Node) -> dict[str, FunctionBody]:
    """The same of a loop or a branch with the functions themselves; empty if one isn't there."""
    if node.op not in CALLS:
        return {}
    named = roles(node)
    return (
        {role: graph.functions[name] for role, name in named.items()}
        if named.keys() and all(name in graph.functions for name in named.values())
        else {}
    )


def calls(graph: Graph) -> Iterator[tuple[str, Node]]:
    """Each node that runs functions which are there, with the name of the part that it is in; outer ones first."""
    waiting = [("", node) for node in graph.nodes]
    while waiting:
        part, node = waiting.pop(0)
        inside = bodies(graph, node)
        if inside:
            yield part, node
            waiting += [(body.name, each) for body in inside.values() for each in body.graph.nodes]


def dtypes(node: Node, key: str) -> tuple[DType, ...]:
    """A list of dtypes among the attributes."""
    value = node.attrs.get(key, ())
    return tuple(item for item in value if isinstance(item, DType)) if isinstance(value, tuple) else ()


def shapes(node: Node) -> tuple[ShapeAttr, ...]:
    """The attribute ``output_shapes``; empty if there is none."""
    value = node.attrs.get("output_shapes", ())
    return tuple(item for item in value if isinstance(item, ShapeAttr)) if isinstance(value, tuple) else ()


def with_arguments(node: Node, tensors: Sequence[str], types: Sequence[TensorType]) -> Node:
    """The node with arguments more, ``tensors`` of these ``types``: of a loop, variables, so that it has as many outputs more."""
    key = types_key(node.op)
    attrs: dict[str, AttrValue] = {**node.attrs, key: (*dtypes(node, key), *(DType(each.dtype) for each in types))}
    if node.op in LOOPS and (known := shapes(node)):
        attrs["output_shapes"] = (*known, *(ShapeAttr(each.shape) for each in types))
    return replace(node, inputs=(*node.inputs, *tensors), attrs=attrs)
