"""A list that isn't written to its end is as long as it was made: TensorFlow stacks zeros for what was never written.

The runtime's list is as long as what was written to it. Where nothing shows that a loop writes every element (it may stop
early), zeros are put behind what is stacked, up to the length that the list was made with.

    Stack(loop(Reserve(n)))    ->    Concat(Stack(loop(Reserve(n))), zeros(n - its length))
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tfjsci.graph.calls import LOOPS, bodies
from tfjsci.graph.graph import AttrValue, DType, FunctionBody, Graph, Node, TensorType, index_of, node_of, normal
from tfjsci.rewrite.control.added import Added
from tfjsci.rewrite.control.parts import led, part_of, with_part
from tfjsci.rewrite.control.variables import counts

_INT = DType("int32")
_FILLED = frozenset({"float16", "bfloat16", "float32", "float64", "int32"})
"""Dtypes of which zeros can be made."""


def with_whole_stacks(graph: Graph) -> Graph:
    """Each stack as long as its list was made; a list's length is asked of where it was made, too."""
    for where in ("", *graph.functions):
        part = part_of(graph, where)
        for node in part.nodes:
            if node.op == "TensorListLength" and (length := _length(part, node)) is not None:
                part = replace(led(part, {node.name: length}), outputs=part.outputs)
            if node.op == "TensorListStack" and (made := _made(part, node.inputs[0])) is not None:
                found = part.type_of(node.name)
                complete = _chain_is_complete(part, node.inputs[0], made) or _loop_is_complete(graph, part, node, made)
                if not complete and found is not None and found.dtype in _FILLED:
                    part = _with_zeros(part, node, made, found)
        if part is not part_of(graph, where):
            graph = with_part(graph, where, replace(part, functions={}) if not where else part)
    return graph


def _before(part: Graph, tensor: str) -> Iterator[tuple[str, Node]]:
    """The list as it was before each write and each loop, back to where it was made; the node that makes each."""
    while True:
        node = part[node_of(tensor)]
        yield tensor, node
        if node.op == "TensorListSetItem":
            tensor = node.inputs[0]
        elif node.op in LOOPS:
            tensor = node.inputs[index_of(tensor)]
        else:
            return


def _made(part: Graph, tensor: str) -> Node | None:
    """The TensorListReserve that a list began as, if it did."""
    *_, (_, node) = _before(part, tensor)
    return node if node.op == "TensorListReserve" else None


def _length(part: Graph, node: Node) -> str | None:
    """The number that a list was made with, if writing doesn't make it longer."""
    made = _made(part, node.inputs[0])
    written = [each for _, each in _before(part, node.inputs[0])]
    if made is None or any(each is not made for each in written if each.op in LOOPS or _grows(each)):
        return None
    return made.inputs[1]


def _grows(node: Node) -> bool:
    return bool(node.attrs.get("resize_if_index_out_of_bounds", False))


def _chain_is_complete(part: Graph, tensor: str, made: Node) -> bool:
    """Whether as many different elements are written, one after the other, as there are."""
    size = part.constant(made.inputs[1])
    places = {
        int(place.value)
        for _, node in _before(part, tensor)
        if node.op == "TensorListSetItem" and (place := part.constant(node.inputs[1])) is not None
    }
    return size is not None and size.value.shape == () and places >= set(range(int(size.value)))


def _loop_is_complete(graph: Graph, part: Graph, stack: Node, made: Node) -> bool:
    """Whether a loop counts from 0 to the list's length and writes in each turn where it counts."""
    for tensor, node in _before(part, stack.inputs[0]):
        if node.op in LOOPS and (inside := bodies(graph, node)):
            loop = _Loop(part=part, node=node, cond=inside["cond"], body=inside["body"])
            if loop.writes_all(index_of(tensor), made.inputs[1]):
                return True
    return False


@dataclass(frozen=True, kw_only=True)
class _Loop:
    part: Graph
    node: Node
    cond: FunctionBody
    body: FunctionBody

    def writes_all(self, variable: int, size: str) -> bool:
        graph = self.body.graph
        written = graph.by_name.get(normal(graph.outputs[variable]))
        if written is None or written.op != "TensorListSetItem":
            return False
        if normal(written.inputs[0]) != self.body.inputs[variable]:
            return False
        if self._only_one(written.inputs[1], size):
            return True
        if normal(written.inputs[1]) not in self.body.inputs:
            return False
        counter = self.body.inputs.index(normal(written.inputs[1]))
        begin = self.part.constant(self.node.inputs[counter])
        from_zero = begin is not None and begin.value.shape == () and int(begin.value) == 0
        return from_zero and counts(self.body, counter) == 1 and self._ends_at(counter, size)

    def _only_one(self, place: str, size: str) -> bool:
        """A list of one element, which each turn writes anew: what a recurrent layer gives that gives its last output."""
        first, length = self.body.graph.constant(place), self.part.constant(size)
        return first is not None and length is not None and int(length.value) == 1 and int(first.value) == 0

    def _ends_at(self, counter: int, size: str) -> bool:
        cond = self.cond.graph
        asked = cond.by_name.get(normal(cond.outputs[0]))
        if asked is None or asked.op != "Less" or normal(asked.inputs[0]) != self.cond.inputs[counter]:
            return False
        end, wanted = normal(asked.inputs[1]), self.part.constant(size)
        constant = cond.constant(end)
        if constant is not None or wanted is not None:
            return constant is not None and wanted is not None and int(constant.value) >= int(wanted.value)
        if end not in self.cond.inputs:
            return False
        limit = self.cond.inputs.index(end)
        same = normal(self.body.graph.outputs[limit]) == self.body.inputs[limit]
        return same and normal(self.node.inputs[limit]) == normal(size)


def _with_zeros(part: Graph, stack: Node, made: Node, found: TensorType) -> Graph:
    added, dtype = Added(part), DType(found.dtype)
    ints: dict[str, AttrValue] = {"T": _INT, "Index": _INT}
    joined: dict[str, AttrValue] = {"Tidx": _INT, "N": 2}

    def put(word: str, op: str, *inputs: str, **attrs: AttrValue) -> str:
        return added.put(stack, word, op, *inputs, known=None, **attrs)

    def const(word: str, value: int | list[int]) -> str:
        return added.integers(stack, word, value)

    # how many there should be isn't how many there are, and would be believed
    alone = replace(stack, name=added.name(f"{stack.name}/written"), attrs={**stack.attrs, "num_elements": -1})
    shape = None if found.shape is None else (None, *found.shape[1:])
    written = added.take(alone, replace(found, shape=shape))
    whole = put("shape", "Shape", written, T=dtype, out_type=_INT)
    length = put("length", "Slice", whole, const("begin", [0]), const("one", [1]), **ints)
    # one that grows while it is written is longer than it was made
    short = put("short", "Sub", made.inputs[1], length, T=_INT)
    missing = put("missing", "Maximum", short, const("nothing", 0), T=_INT)
    element = put("element", "Slice", whole, const("second", [1]), const("rest", [-1]), **ints)
    sizes = put("sizes", "ConcatV2", missing, element, const("axis", 0), T=_INT, **joined)
    zero = added.integers(stack, "zero", 0, found.dtype)
    zeros = put("zeros", "Fill", sizes, zero, T=dtype, index_type=_INT)
    attrs: dict[str, AttrValue] = {"T": dtype, **joined}
    return added.last(replace(stack, op="ConcatV2", inputs=(written, zeros, const("first", 0)), attrs=attrs))
