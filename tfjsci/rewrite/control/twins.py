"""Two loops that do the same with other weights and other inputs, neither reading what the other makes.

So Keras' Bidirectional runs a layer forwards and backwards: two loops that turn as often, whose bodies have the same nodes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tfjsci.graph.calls import bodies, dtypes, roles
from tfjsci.graph.graph import FunctionBody, Graph, Node, index_of, node_of, normal
from tfjsci.rewrite.fold_constants import always_the_same
from tfjsci.rewrite.symbolic.sizes import sizes_of

_DEEP = 8
"""So many nodes in a row are held against each other, to tell whether two tensors are the same: the zeros of an open batch
take five."""

_READS_LIST = "TensorListGetItem"
_OTHER_TURNS = "they aren't known to turn as often as each other"


class UnlikeError(Exception):  # the answer about two loops, not a failure of ours
    """The two loops aren't alike, and why; ``plain``: they have next to nothing in common, of which nobody needs to be told."""

    def __init__(self, reason: str, *, plain: bool = False) -> None:
        super().__init__(reason)
        self.plain = plain


@dataclass(frozen=True, kw_only=True)
class Twins:
    """Two loops of a part of a graph. ``other`` has the node of the second body for each of the first that is needed.

    What these nodes make is ``same`` in both loops, or another tensor of the same shape; ``own`` are the numbers of the variables
    of which each loop has its own.
    """

    part: Graph
    nodes: tuple[Node, Node]
    bodies: tuple[FunctionBody, FunctionBody]
    other: Mapping[str, str]
    same: frozenset[str]
    own: frozenset[int]


def twins(graph: Graph, part: Graph, one: Node, two: Node) -> Twins:
    """The two loops of ``part`` held against each other. Raises ``UnlikeError`` where they can't be one."""
    if dtypes(one, "T") != dtypes(two, "T") or one.op != two.op:
        raise UnlikeError("they have other variables", plain=True)
    if _reads(part, one, two.name) or _reads(part, two, one.name):
        raise UnlikeError("one reads what the other makes", plain=True)
    first, second = bodies(graph, one), bodies(graph, two)
    other = _paired(first["body"], second["body"], "they reckon with other whole numbers")
    asked = _paired(first["cond"], second["cond"], _OTHER_TURNS)
    own, same = _own(part, one, two, (first["body"], second["body"]), other)
    for name, its in asked.items():
        place = first["cond"].inputs.index(name) if name in first["cond"].inputs else None
        if place in own or not _equal(first["cond"].graph, second["cond"].graph, name, its):
            raise UnlikeError(_OTHER_TURNS)
    inside = [(first["body"], name) for name in same] + [(first["cond"], name) for name in asked]
    for body, name in inside:
        op = body.graph[name].op
        if name not in body.inputs and not always_the_same(op) and op not in {"Const", _READS_LIST}:
            raise UnlikeError(f"{op} may be something else in each")
    return Twins(
        part=part,
        nodes=(one, two),
        bodies=(first["body"], second["body"]),
        other=other,
        same=frozenset(same),
        own=frozenset(own),
    )


def _reads(part: Graph, node: Node, wanted: str) -> bool:
    """Whether anything that ``node`` is computed of is the node of that name."""
    seen, stack = set[str](), [node_of(tensor) for tensor in node.inputs]
    while stack:
        name = stack.pop()
        if name == wanted:
            return True
        if name not in seen:
            seen.add(name)
            stack += [node_of(tensor) for tensor in part[name].inputs]
    return False


def _paired(one: FunctionBody, two: FunctionBody, other_numbers: str) -> dict[str, str]:
    """The nodes that the first function's results are made of, and which node of the second does the same.

    ``other_numbers`` is what to say where they have other whole numbers.
    """
    found: dict[str, str] = {}
    stack = list(zip(one.graph.outputs, two.graph.outputs, strict=True))
    while stack:
        tensor, its = stack.pop()
        name, other = node_of(tensor), node_of(its)
        if found.get(name) == other and index_of(tensor) == index_of(its):
            continue
        first, second = one.graph[name], two.graph[other]
        if index_of(tensor) != index_of(its) or name in found or len(first.inputs) != len(second.inputs):
            raise UnlikeError("their bodies are put together in another way", plain=True)
        if first.op != second.op or (first.op != "Placeholder" and first.attrs != second.attrs):
            raise UnlikeError(f"{first.op} in one is {second.op} in the other, or has other attributes", plain=True)
        if (name in one.inputs) != (other in two.inputs) or (
            name in one.inputs and one.inputs.index(name) != two.inputs.index(other)
        ):
            raise UnlikeError("their variables change places", plain=True)
        if roles(first):
            raise UnlikeError(f"there is a {first.op} in it")
        found[name] = other
        stack += zip(first.inputs, second.inputs, strict=True)
    pairs = [
        (one.graph.constants[name].value, two.graph.constants[its].value)
        for name, its in found.items()
        if name in one.graph.constants
    ]
    for a, b in pairs:
        if a.dtype.kind == "f" and a.shape != b.shape:
            raise UnlikeError(f"a weight of one is {list(a.shape)}, the other's {list(b.shape)}")
    if any(a.dtype != b.dtype or (a.dtype.kind != "f" and not np.array_equal(a, b)) for a, b in pairs):
        raise UnlikeError(other_numbers)
    return found


def _equal(one: Graph, two: Graph, name: str, other: str) -> bool:
    """Whether two constants are equal; whatever isn't one is."""
    a, b = one.constants.get(name), two.constants.get(other)
    return a is None or b is None or np.array_equal(a.value, b.value)


def _own(
    part: Graph, one: Node, two: Node, inside: tuple[FunctionBody, FunctionBody], other: Mapping[str, str]
) -> tuple[set[int], set[str]]:
    """The variables of which each loop has its own, and the names of the first body's nodes that make the same in both."""
    first, second = inside
    own = {i for i, its in enumerate(two.inputs) if not is_same(part, one.inputs[i], its)}
    while True:
        places = {name: i for i, name in enumerate(first.inputs)}
        same: set[str] = set()
        for node in first.graph.nodes:
            if node.name not in other:
                continue
            if node.name in places:
                alike = places[node.name] not in own
            elif node.op == "Const":
                alike = _equal(first.graph, second.graph, node.name, other[node.name])
            else:
                alike = all(node_of(tensor) in same for tensor in node.inputs)
            if alike:
                same.add(node.name)
        more = {i for i, tensor in enumerate(first.graph.outputs) if node_of(tensor) not in same} - own
        if not more:
            return own, same
        own |= more


def is_same(part: Graph, one: str, two: str, deep: int = _DEEP) -> bool:
    """Whether two tensors always hold the same: they are one, or computed alike, or reckoned to be the same number."""
    if normal(one) == normal(two):
        return True
    first, second = part[node_of(one)], part[node_of(two)]
    if first.op == second.op == "Const":
        a, b = part.constants[first.name].value, part.constants[second.name].value
        return a.dtype == b.dtype and np.array_equal(a, b)
    sizes = sizes_of(part)
    a_value, b_value = sizes.value(one), sizes.value(two)
    if a_value is not None and b_value is not None and a_value.shape == b_value.shape:
        return bool(np.all(a_value == b_value)) and part.type_of(one) == part.type_of(two)
    return (
        deep > 0
        and first.op == second.op
        and (always_the_same(first.op) or first.op in {"TensorListFromTensor", "TensorListReserve"})
        and index_of(one) == index_of(two)
        and first.attrs == second.attrs
        and len(first.inputs) == len(second.inputs)
        and all(is_same(part, a, b, deep - 1) for a, b in zip(first.inputs, second.inputs, strict=True))
    )


def is_of_one_shape(part: Graph, one: str, two: str) -> bool:
    """Whether two tensors are known to have the same shape, whatever the inputs' sizes are."""
    first, second = part.type_of(one), part.type_of(two)
    if first is None or second is None or first.dtype != second.dtype:
        return False
    sizes = sizes_of(part)
    shape = sizes.shape(one)
    return shape is not None and shape == sizes.shape(two)
