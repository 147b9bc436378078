"""A list of which every read and write is at a known place needn't be one: so an unrolled loop leaves what it read and wrote.

    GetItem(FromTensor(x), i)                                  ->    Unpack(x):i
    GetItem(SetItem(list, i, y), i)                            ->    y
    Stack(SetItem(… SetItem(Reserve(n), 0, y) …, n − 1, z))    ->    Pack(y, …, z)

With a list, a model is one that only ``executeAsync`` runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from tfjsci.graph.graph import AttrValue, DType, Graph, Node, node_of, normal
from tfjsci.rewrite.control.added import Added
from tfjsci.rewrite.control.parts import led, part_of, with_part

_INT = DType("int32")


def with_lists_as_tensors(graph: Graph) -> Graph:
    """Each read of a list that can do without is led to tensors; a list that nobody reads then goes. New nodes have no types."""
    for where in ("", *graph.functions):
        part = part_of(graph, where)
        if (changed := _without_lists(part)) is not part:
            graph = with_part(graph, where, replace(changed, functions={}) if where else changed)
    return graph


@dataclass(frozen=True)
class _Row:
    """Row ``place`` of the tensor that ``made`` makes a list of."""

    made: Node
    place: int


_Element: TypeAlias = "str | _Row"
"""What a list has at a place: a tensor that was written, or a row."""


def _without_lists(part: Graph) -> Graph:
    read: dict[str, _Element] = {}
    stacked: dict[str, list[_Element]] = {}
    for node in part.nodes:
        if node.op == "TensorListGetItem":
            place = _number(part, node.inputs[1])
            if place is not None and (found := _at(part, node.inputs[0], place)) is not None:
                read[node.name] = found
        elif node.op == "TensorListStack" and (all_of := _elements(part, node.inputs[0])):
            stacked[node.name] = all_of
    if not read and not stacked:
        return part
    new = _New(part, [*read.values(), *(each for all_of in stacked.values() for each in all_of)])
    instead = {name: new.tensor(element) for name, element in read.items()}
    instead |= {name: new.pack(part[name], all_of) for name, all_of in stacked.items()}
    return led(new.added.last(), _ends(instead)).pruned()


def _at(part: Graph, tensor: str, place: int) -> _Element | None:
    """What a list has at a place, if that can be told."""
    while True:
        node = part.by_name[node_of(tensor)]
        if node.op == "TensorListSetItem":
            written = _number(part, node.inputs[1])
            if written is None:
                return None
            if written == place:
                return normal(node.inputs[2])
            tensor = node.inputs[0]
        else:
            return _Row(node, place) if node.op == "TensorListFromTensor" and place >= 0 else None


def _elements(part: Graph, tensor: str) -> list[_Element]:
    """All that a list has; empty where that isn't known, or an element was never written."""
    written: dict[int, _Element] = {}
    while (node := part.by_name[node_of(tensor)]).op == "TensorListSetItem":
        place = _number(part, node.inputs[1])
        if place is None:
            return []
        written.setdefault(place, normal(node.inputs[2]))
        tensor = node.inputs[0]
    if node.op == "TensorListFromTensor":
        size = _rows(part, node)
        found = [written.get(i, _Row(node, i)) for i in range(size or 0)]
    else:
        size = _number(part, node.inputs[1]) if node.op == "TensorListReserve" else None
        found = [written[i] for i in range(size or 0) if i in written]
    # one that was written beyond its end has grown
    return found if len(found) == size and all(0 <= i < len(found) for i in written) else []


def _rows(part: Graph, made: Node) -> int | None:
    """How many rows the tensor has that a list is made of."""
    known = part.type_of(made.inputs[0])
    return known.shape[0] if known is not None and known.shape else None


def _number(part: Graph, tensor: str) -> int | None:
    constant = part.constant(tensor)
    return int(constant.value.reshape(-1)[0]) if constant is not None and constant.value.size == 1 else None


def _ends(instead: dict[str, str]) -> dict[str, str]:
    """Where each leads in the end: what was written may have been read from a list itself."""

    def end(tensor: str) -> str:
        while tensor in instead:
            tensor = instead[tensor]
        return tensor

    return {name: end(tensor) for name, tensor in instead.items()}


class _New:
    """The nodes that take the lists' place. ``elements`` is all that will be asked for."""

    def __init__(self, part: Graph, elements: Sequence[_Element]) -> None:
        self._part = part
        self.added = Added(part)
        self._rows: dict[tuple[str, int], str] = {}
        asked: dict[str, set[int]] = {}
        made = {each.made.name: each.made for each in elements if isinstance(each, _Row)}
        for each in elements:
            if isinstance(each, _Row):
                asked.setdefault(each.made.name, set()).add(each.place)
        for name, places in asked.items():
            if places == set(range(_rows(part, made[name]) or 0)):
                self._unpack(made[name], len(places))
            else:
                for place in sorted(places):
                    self._rows[name, place] = self._row(made[name], place)

    def tensor(self, element: _Element) -> str:
        """The tensor that it is."""
        return self._rows[element.made.name, element.place] if isinstance(element, _Row) else element

    def pack(self, stack: Node, elements: Sequence[_Element]) -> str:
        """The tensors stacked along a new first dimension."""
        inputs = tuple(map(self.tensor, elements))
        return self.added.put(stack, "all", "Pack", *inputs, T=_dtype(stack), axis=0, N=len(inputs))

    def _unpack(self, made: Node, size: int) -> None:
        name = self.added.put(made, "rows", "Unpack", made.inputs[0], T=_dtype(made), axis=0, num=size)
        self._rows |= {(made.name, i): normal(f"{name}:{i}") for i in range(size)}

    def _row(self, made: Node, place: int) -> str:
        begin, end, step = (
            self.added.integers(made, f"row/{word}", [n])
            for word, n in (("begin", place), ("end", place + 1), ("step", 1))
        )
        attrs: dict[str, AttrValue] = {"T": _dtype(made), "Index": _INT, "shrink_axis_mask": 1}
        for mask in ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask"):
            attrs[mask] = 0
        return self.added.put(made, "row", "StridedSlice", made.inputs[0], begin, end, step, known=None, **attrs)


def _dtype(node: Node) -> DType:
    dtype = node.attrs["element_dtype"]
    assert isinstance(dtype, DType)
    return dtype
