"""A list that is joined to one tensor, or cut out of one, in an op that the runtime has wrong (``restrictions/lists.py``).

Where all elements have one shape, stacking and a Reshape do the same:

    Concat(list of [n, a, ...])     ->    Reshape(Stack(list), [-1, a, ...])
    Split(x, [n, n, ...])           ->    FromTensor(Reshape(x, [how many, n, a, ...]))

Otherwise the op stays, and the check names it. TensorFlow joins no list of which an element was never written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tfjsci.graph.calls import LOOPS, bodies
from tfjsci.graph.graph import AttrValue, DType, Graph, Node, TensorType, index_of, node_of, normal
from tfjsci.rewrite.control.added import Added
from tfjsci.rewrite.control.parts import part_of, read_outputs, with_part

_INT = DType("int32")
Sizes = tuple[int, ...]


def with_plain_lists(graph: Graph) -> Graph:
    """Each list that can be joined or cut by a Reshape is."""
    for where in ("", *graph.functions):
        part = part_of(graph, where)
        for node in part.nodes:
            if node.op == "TensorListConcatV2":
                part = _joined(graph, part, node)
            if node.op == "TensorListSplit":
                part = _cut(part, node)
        if part is not part_of(graph, where):
            graph = with_part(graph, where, replace(part, functions={}) if where else part)
    return graph


def _joined(graph: Graph, part: Graph, node: Node) -> Graph:
    shapes = set(_elements(graph, part, node.inputs[0]))
    if len(shapes) != 1 or not read_outputs(part, node) <= {0}:
        return part
    sizes = _known(shapes.pop())
    if not sizes:
        return part
    dtype = node.attrs["element_dtype"]
    assert isinstance(dtype, DType)
    added = Added(part)
    element = added.integers(node, "element", sizes)
    attrs: dict[str, AttrValue] = {"element_dtype": dtype, "num_elements": -1}
    known = TensorType(dtype=dtype.name, shape=(None, *sizes))
    stacked = added.put(node, "stacked", "TensorListStack", node.inputs[0], element, known=known, **attrs)
    whole = added.integers(node, "shape", (-1, *sizes[1:]))
    return added.last(replace(node, op="Reshape", inputs=(stacked, whole), attrs={"T": dtype, "Tshape": _INT}))


def _cut(part: Graph, node: Node) -> Graph:
    lengths, given = part.constant(node.inputs[2]), part.type_of(node.inputs[0])
    if lengths is None or given is None or not given.shape:
        return part
    told, rest = {int(n) for n in lengths.value.reshape(-1)}, _known(given.shape[1:])
    if len(told) != 1 or rest is None:
        return part
    sizes = (told.pop(), *rest)
    dtype = node.attrs["element_dtype"]
    assert isinstance(dtype, DType)
    added = Added(part)
    rows = (int(lengths.value.size), *sizes)
    known = TensorType(dtype=dtype.name, shape=rows)
    shape = added.integers(node, "shape", rows)
    cut = added.put(node, "rows", "Reshape", node.inputs[0], shape, known=known, T=dtype, Tshape=_INT)
    attrs: dict[str, AttrValue] = {"element_dtype": dtype, "shape_type": _INT}
    element = added.integers(node, "element", sizes)
    return added.last(replace(node, op="TensorListFromTensor", inputs=(cut, element), attrs=attrs))


def _elements(graph: Graph, part: Graph, tensor: str, given: str = "") -> Iterator[tuple[int | None, ...] | None]:
    """The shapes of all that is written to a list, back to where it was made, or to the argument ``given``.

    None where one isn't known.
    """
    while normal(tensor) != given:
        node = part[node_of(tensor)]
        if node.op == "TensorListSetItem":
            yield _shape(part, node.inputs[2])
            tensor = node.inputs[0]
        elif node.op in LOOPS and (inside := bodies(graph, node)):
            body, index = inside["body"], index_of(tensor)
            yield from _elements(graph, body.graph, body.graph.outputs[index], body.inputs[index])
            tensor = node.inputs[index]
        else:
            if node.op == "TensorListFromTensor":
                whole = _shape(part, node.inputs[0])
                yield whole[1:] if whole else None
            elif node.op != "TensorListReserve":
                yield None
            return


def _shape(part: Graph, tensor: str) -> tuple[int | None, ...] | None:
    known = part.type_of(tensor)
    return None if known is None else known.shape


def _known(shape: tuple[int | None, ...] | None) -> Sizes | None:
    """The sizes, where all are told and none is 0, of which a Reshape can't tell how many there are."""
    sizes = tuple(size for size in shape or () if size)
    return None if shape is None or len(sizes) < len(shape) else sizes
