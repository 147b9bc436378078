"""The types of tensors in loops and branches: what comes in is known from outside, what goes round from the loop itself.

A loop's variable has the shape that is left when its first value and what each turn makes of it are held together, or what
TensorFlow was told when the loop was made, whichever says more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from tfjsci.graph.calls import CALLS, LOOPS, arguments, bodies, shapes
from tfjsci.graph.graph import FunctionBody, Graph, Node, Shape, ShapeAttr, TensorType

Infer = Callable[[Graph], "dict[str, TensorType]"]

_TURNS = 4
"""Shapes lose dimensions from turn to turn; after so many, what TensorFlow was told is taken."""


def with_types(graph: Graph, infer: Infer) -> Graph:
    """The graph with the types of its tensors inferred, and in its functions."""
    if not graph.functions:
        return graph.with_types(infer(graph))
    functions = dict(graph.functions)
    main = _typed(graph.with_functions({}), graph, functions, infer)
    return main.with_functions(functions)


def _typed(part: Graph, whole: Graph, functions: dict[str, FunctionBody], infer: Infer) -> Graph:
    """One part typed; the functions that it runs are put into ``functions``."""
    part = part.with_types(infer(part))
    done: set[str] = set()
    while True:
        changed = False
        for node in part.nodes:
            if node.op not in CALLS or node.name in done or not (inside := bodies(whole, node)):
                continue
            done.add(node.name)
            found = tuple(ShapeAttr(shape) for shape in _call(part, node, inside, whole, functions, infer))
            if found != shapes(node):
                nodes = tuple(
                    replace(each, attrs={**each.attrs, "output_shapes": found}) if each.name == node.name else each
                    for each in part.nodes
                )
                part = replace(part, nodes=nodes)
                part = part.with_types(infer(part))
                changed = True
                break
        if not changed:
            return part


def _call(
    part: Graph,
    node: Node,
    inside: dict[str, FunctionBody],
    whole: Graph,
    functions: dict[str, FunctionBody],
    infer: Infer,
) -> list[Shape]:
    given = [known.shape if (known := part.type_of(tensor)) else None for tensor in arguments(node)]

    def typed(body: FunctionBody, coming_in: Sequence[Shape]) -> list[Shape]:
        result = _typed(_given(body, coming_in), whole, functions, infer)
        functions[body.name] = replace(body, graph=result)
        return [known.shape if (known := result.type_of(tensor)) else None for tensor in result.outputs]

    declared: list[Shape] = [item.shape for item in shapes(node)]
    if node.op in LOOPS:
        variables = _variables(given, declared, lambda shapes: typed(inside["body"], shapes))
        typed(inside["cond"], variables)
        return variables
    results = [typed(body, given) for body in inside.values()]
    return [
        _meet(_join(list(each)), declared[i] if i < len(declared) else None)
        for i, each in enumerate(zip(*results, strict=True))
    ]


def _variables(
    given: list[Shape], declared: list[Shape], turn: Callable[[Sequence[Shape]], list[Shape]]
) -> list[Shape]:
    declared = declared if len(declared) == len(given) else [None] * len(given)
    variables = [_meet(shape, told) if told is not None else shape for shape, told in zip(given, declared, strict=True)]
    for _ in range(_TURNS):
        after = turn(variables)
        joined = [
            _meet(_join([before, made]), told) for before, made, told in zip(variables, after, declared, strict=True)
        ]
        if joined == variables:
            return variables
        variables = joined
    turn(declared)
    return declared


def _given(body: FunctionBody, coming_in: Sequence[Shape]) -> Graph:
    """The body's graph with the shapes of its Placeholders."""
    known = dict(zip(body.inputs, coming_in, strict=True))
    nodes = tuple(
        replace(node, attrs={**node.attrs, "shape": ShapeAttr(known[node.name])}) if node.name in known else node
        for node in body.graph.nodes
    )
    return replace(body.graph, nodes=nodes, types={})


def _join(all_of: Sequence[Shape]) -> Shape:
    """What all of these shapes have in common."""
    first = all_of[0]
    for shape in all_of[1:]:
        if first is None or shape is None or len(first) != len(shape):
            return None
        first = tuple(a if a == b else None for a, b in zip(first, shape, strict=True))
    return first


def _meet(shape: Shape, other: Shape) -> Shape:
    """What is known by either."""
    if shape is None or other is None:
        return other if shape is None else shape
    if len(shape) != len(other):
        return None
    return tuple(b if a is None else a for a, b in zip(shape, other, strict=True))
