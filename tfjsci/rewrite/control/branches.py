"""Branches: a Case becomes Ifs, which the runtime has, and where the condition is known only what it chooses stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tfjsci.graph.calls import CASES, IFS, arguments, bodies, calls, dtypes, roles, shapes
from tfjsci.graph.graph import Constant, DType, FunctionBody, FunctionName, Graph, Node, ShapeAttr, unused_name
from tfjsci.rewrite.control.inline import inlined
from tfjsci.rewrite.control.parts import part_of, with_part, without_unused_functions


def with_known_branches(graph: Graph) -> Graph:
    """Where the condition is a constant, the branch that it chooses, in the place of the node."""
    while True:
        for where, node in calls(graph):
            part = part_of(graph, where)
            if node.op in IFS | CASES and (constant := part.constant(node.inputs[0])) is not None:
                inside = bodies(graph, node)
                if node.op in IFS:
                    chosen = inside["then_branch" if _holds(constant) else "else_branch"]
                else:
                    number = int(constant.value)
                    last = len(inside) - 1
                    chosen = inside[f"branches_{number if 0 <= number <= last else last}"]
                done = inlined(replace(part, functions={}), node, [chosen], arguments(node))
                graph = without_unused_functions(with_part(graph, where, done))
                break
        else:
            return graph


def _holds(constant: Constant) -> bool:
    """TensorFlow's truth: a scalar that isn't zero, or any other tensor that isn't empty."""
    return bool(constant.value) if constant.value.shape == () else constant.value.size > 0


def with_ifs(graph: Graph) -> Graph:
    """Case(n, f0, f1, f2)  ->  If(n = 0, f0, If(n = 1, f1, f2)): a number that is none chooses the last."""
    while True:
        found = next(((where, node) for where, node in calls(graph) if node.op in CASES), None)
        if found is None:
            return graph
        graph = _with_if(graph, *found)


def _with_if(graph: Graph, where: str, node: Node) -> Graph:
    names = list(roles(node).values())
    part = part_of(graph, where)
    index, given = node.inputs[0], arguments(node)
    if len(names) == 1:
        done = inlined(replace(part, functions={}), node, [graph.functions[names[0]]], given)
        return without_unused_functions(with_part(graph, where, done))
    rest = names[1]
    types_in = dtypes(node, "Tin")
    if len(names) > 2:
        rest = unused_name(f"{names[0]}_else", graph.functions)
        graph = replace(graph, functions={**graph.functions, rest: _rest(graph, rest, node, names[1:])})
        given, types_in = (*given, index), (*types_in, DType("int32"))
    zero, asked = (part.fresh(f"{node.name}/{word}") for word in ("number", "chosen"))
    value = Constant(value=np.asarray(0, dtype=np.int32))
    then = names[0]
    if len(names) > 2:  # it is given the index, too, and doesn't use it
        then_body = graph.functions[then]
        own = then_body.graph.fresh("index")
        placeholder = Node(name=own, op="Placeholder", attrs={"dtype": DType("int32"), "shape": ShapeAttr(())})
        changed = replace(then_body.graph, nodes=(*then_body.graph.nodes, placeholder))
        graph = with_part(graph, then, changed, (*then_body.inputs, own))
    made = [
        Node(name=zero, op="Const", attrs={"dtype": DType("int32")}, origin=node.origin),
        Node(name=asked, op="Equal", inputs=(index, zero), attrs={"T": DType("int32")}, origin=node.origin),
        replace(
            node,
            op="StatelessIf",
            inputs=(asked, *given),
            attrs={
                "Tcond": DType("bool"),
                "Tin": types_in,
                "Tout": dtypes(node, "Tout"),
                "then_branch": FunctionName(then),
                "else_branch": FunctionName(rest),
                "output_shapes": shapes(node),
            },
        ),
    ]
    nodes = tuple(new for each in part.nodes for new in (made if each.name == node.name else [each]))
    done = replace(part, nodes=nodes, constants={**part.constants, zero: value}, functions={})
    return with_part(graph, where, done)


def _rest(graph: Graph, name: str, node: Node, names: list[str]) -> FunctionBody:
    """A function of the Case's arguments and its number that chooses among the later branches: a Case again, one less."""
    example = graph.functions[names[0]]
    inputs = [f"argument_{i}" for i in range(len(example.inputs))]
    placeholders = [replace(example.graph[own], name=new) for own, new in zip(example.inputs, inputs, strict=True)]
    one = "one"
    inner = replace(
        node,
        name="case",
        op="StatelessCase",
        inputs=("number", *inputs),
        control=(),
        attrs={**node.attrs, "branches": tuple(FunctionName(each) for each in names)},
    )
    nodes = [
        *placeholders,
        Node(name="index", op="Placeholder", attrs={"dtype": DType("int32"), "shape": ShapeAttr(())}),
        Node(name=one, op="Const", attrs={"dtype": DType("int32")}),
        Node(name="number", op="Sub", inputs=("index", one), attrs={"T": DType("int32")}),
        inner,
    ]
    count = len(dtypes(node, "Tout"))
    body = Graph(
        nodes=tuple(nodes),
        outputs=tuple(f"case:{i}" for i in range(count)),
        constants={one: Constant(value=np.asarray(1, dtype=np.int32))},
    )
    return FunctionBody(name=name, inputs=(*inputs, "index"), graph=body)
