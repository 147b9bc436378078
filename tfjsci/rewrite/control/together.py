"""Two loops that are alike as one, whose tensors are those of both, stacked: each turn then starts fewer kernels.

    While(a, ...), While(b, ...)    ->    Unpack(While(Pack(a, b), ...))

A list's elements are stacked one by one: FromTensor(x), FromTensor(y)  ->  FromTensor(Pack(x, y, axis=1)).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from tfjsci.graph.calls import LOOPS, bodies, dtypes, shapes
from tfjsci.graph.graph import AttrValue, Constant, DType, Graph, Node, ShapeAttr, node_of, normal
from tfjsci.rewrite.control.added import Added
from tfjsci.rewrite.control.parts import (
    led,
    output,
    part_of,
    with_part,
    without_unused_functions,
)
from tfjsci.rewrite.control.stacked_body import BOTH, StackedBody, with_both
from tfjsci.rewrite.control.twins import Twins, UnlikeError, is_of_one_shape, is_same, twins
from tfjsci.rewrite.naming import plain_name

PAYS = 0.8
"""As many kernels may a turn of the one loop start, of those of both, for it to pay: what it stacks and cuts apart are larger."""

Declines = dict[str, str]
"""A loop -> why it isn't one with another that is much like it."""


def with_loops_together(graph: Graph, typed: Callable[[Graph], Graph]) -> tuple[Graph, int, Declines]:
    """Two loops of a part that are alike made one, as often as there are two; how often; and which aren't, and why.

    What was made so stays as it is. ``typed`` infers types: the next two may be of one shape because the last two were.
    """
    count, declined = 0, Declines()
    for where in ("", *graph.functions):
        made: set[str] = set()
        while where in graph.functions or not where:
            step = _step(graph, where, made, declined)
            if step is None:
                break
            graph, count = typed(step), count + 1
    return graph, count, declined


def _step(graph: Graph, where: str, made: set[str], declined: Declines) -> Graph | None:
    """The graph with two loops as one, whose name is put among those ``made``; None where there are no two."""
    part = part_of(graph, where)
    loops = [node for node in part.nodes if node.op in LOOPS and node.name not in made and bodies(graph, node)]
    for one, two in _pairs(loops):
        try:
            found = twins(graph, part, one, two)
            stacked = StackedBody(found)
            before, after = stacked.kernels
            if after > PAYS * before:
                raise UnlikeError(f"both start {before} kernels a turn, and one loop that does the same {after}")
            together = _Together(found)
        except UnlikeError as no:
            if not no.plain:
                declined[f"{where}/{two.name}" if where else two.name] = f"with {plain_name(one.name)}: {no}"
            continue
        made.add(together.name)
        for name in (one.name, two.name):
            declined.pop(f"{where}/{name}" if where else name, None)
        changed = with_part(graph, where, replace(together.part, functions={}))
        return without_unused_functions(with_part(changed, stacked.body.name, stacked.body.graph))
    return None


def _pairs(loops: list[Node]) -> Iterator[tuple[Node, Node]]:
    for i, one in enumerate(loops):
        for two in loops[i + 1 :]:
            yield one, two


class _Together:
    """The part with the one loop, named ``name``, where the two were."""

    def __init__(self, found: Twins) -> None:
        self._found = found
        self._one, self._two = found.nodes
        self._added = Added(found.part)
        self._instead: dict[str, str] = {}
        self.name = self._added.name(f"{self._one.name}/both")
        self.part = self._made()

    def _made(self) -> Graph:
        one, two = self._one, self._two
        inputs = tuple(
            self._given(a, b) if i in self._found.own else a
            for i, (a, b) in enumerate(zip(one.inputs, two.inputs, strict=True))
        )
        known = shapes(one)
        told = tuple(ShapeAttr(self._shape(i, each)) for i, each in enumerate(known))
        attrs: dict[str, AttrValue] = {**one.attrs, "output_shapes": told}
        origin = tuple(dict.fromkeys((*one.origin, *two.origin)))
        self._added.take(replace(one, name=self.name, inputs=inputs, attrs=attrs, origin=origin))
        for i in range(len(one.inputs)):
            self._results(i)
        whole = led(self._added.last(), self._instead)  # what is new reads neither of the two loops
        return whole.pruned()

    def _shape(self, i: int, told: ShapeAttr) -> tuple[int | None, ...] | None:
        is_list = dtypes(self._one, "T")[i] == DType("variant")
        return with_both(told.shape) if i in self._found.own and not is_list else told.shape

    def _given(self, one: str, two: str) -> str:
        """What comes into the loop of both."""
        part = self._found.part
        made, other = part[node_of(one)], part[node_of(two)]
        if made.op == other.op == "TensorListFromTensor" and made.attrs == other.attrs:
            self._check_shapes(made.inputs[0], other.inputs[0])
            dtype = made.attrs["element_dtype"]
            rows = self._added.put(made, "both", "Pack", made.inputs[0], other.inputs[0], T=dtype, axis=1, N=BOTH)
            return self._like(made, rows, self._element(made, made.inputs[1]))
        if made.op == other.op == "TensorListReserve" and made.attrs == other.attrs:
            if not all(is_same(part, a, b) for a, b in zip(made.inputs, other.inputs, strict=True)):
                raise UnlikeError("they write lists of other lengths, as far as is known")
            return self._like(made, self._element(made, made.inputs[0]), made.inputs[1])
        known = part.type_of(one)
        if known is None or known.dtype == "variant":
            raise UnlikeError("a list that one is given isn't made of a tensor, nor new")
        self._check_shapes(one, two)
        return self._added.put(self._one, "both", "Pack", one, two, T=DType(known.dtype), axis=0, N=BOTH)

    def _like(self, node: Node, *inputs: str) -> str:
        """What makes of both what the node makes of one."""
        return self._added.take(replace(node, name=self._added.name(f"{node.name}/both"), inputs=inputs))

    def _check_shapes(self, one: str, two: str) -> None:
        if not is_of_one_shape(self._found.part, one, two):
            raise UnlikeError(f"{plain_name(one)} and {plain_name(two)} aren't known to be of one shape")

    def _element(self, node: Node, tensor: str) -> str:
        """The shape of a list's elements of both: of the scalar −1, which says nothing, the same."""
        constant = self._found.part.constant(tensor)
        if constant is None:
            raise UnlikeError("it isn't known of what shape a list's elements are")
        value = constant.value
        whole = value if value.ndim == 0 else np.concatenate((np.asarray([BOTH], value.dtype), value))
        return self._added.constant(node, "element_shape", Constant(value=whole))

    def _results(self, i: int) -> None:
        """Where those are led that read variable ``i`` after the two loops."""
        one, two = output(self._one, i), output(self._two, i)
        whole = normal(f"{self.name}:{i}")
        if i not in self._found.own:
            self._instead |= {one: whole, two: whole}
            return
        dtype = dtypes(self._one, "T")[i]
        if dtype == DType("variant"):
            for stack, its in self._stacks(one, two):
                element = self._element(stack, stack.inputs[1])
                rows, item = self._like(stack, whole, element), stack.attrs["element_dtype"]
                parts = self._added.put(stack, "each", "Unpack", rows, T=item, axis=1, num=BOTH)
                self._instead |= dict.fromkeys(its[0], parts) | dict.fromkeys(its[1], f"{parts}:1")
        elif self._is_read(one) or self._is_read(two):
            parts = self._added.put(self._one, "each", "Unpack", whole, T=dtype, axis=0, num=BOTH)
            self._instead |= {one: parts, two: f"{parts}:1"}

    def _is_read(self, tensor: str) -> bool:
        part = self._found.part
        readers = part.readers.get(node_of(tensor), ())
        return tensor in map(normal, part.outputs) or any(tensor in map(normal, each.inputs) for each in readers)

    def _stacks(self, *lists: str) -> list[tuple[Node, tuple[list[str], list[str]]]]:
        """One TensorListStack of either list, and the names of all that do the same of the first and of the second."""
        part = self._found.part
        found: list[tuple[Node, tuple[list[str], list[str]]]] = []
        for which, tensor in enumerate(lists):
            if tensor in map(normal, part.outputs):
                raise UnlikeError("a list is an output")
            for node in part.readers.get(node_of(tensor), ()):
                if tensor not in map(normal, node.inputs):
                    continue
                if node.op != "TensorListStack":
                    raise UnlikeError(f"a list that one makes is read by {node.op}")
                for like, names in found:
                    if node.attrs == like.attrs and is_same(part, node.inputs[1], like.inputs[1]):
                        names[which].append(node.name)
                        break
                else:
                    found.append((node, ([node.name], []) if which == 0 else ([], [node.name])))
        return found
