"""What a loop computes of each element of a list, with weights alone: computed once before the loop, of all of them.

    for t: z = x[t] · W + h · U    ->    y = x · W; for t: z = y[t] + h · U

One product of all steps takes one kernel where the loop takes one for each step.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tfjsci.graph.calls import LOOPS, bodies, calls, with_arguments
from tfjsci.graph.graph import (
    AttrValue,
    DType,
    FunctionBody,
    Graph,
    Node,
    Shape,
    ShapeAttr,
    TensorType,
    normal,
)
from tfjsci.rewrite.control.added import Added
from tfjsci.rewrite.control.parts import led, part_of, with_part

PRODUCTS = frozenset({"MatMul"})
"""What is taken out of a loop."""

_INT = DType("int32")
_WITH_CONSTANT = frozenset({"AddV2", "Add", "Sub", "Mul", "BiasAdd"})


def with_products_hoisted(graph: Graph) -> Graph:
    """Each product of a loop that can be, taken out of it."""
    while True:
        for where, node in calls(graph):
            if node.op in LOOPS and (done := _hoisted(graph, where, node)) is not None:
                graph = done
                break
        else:
            return graph


@dataclass(frozen=True, kw_only=True)
class _Chain:
    """``read`` takes an element of list ``variable``; ``nodes`` are computed of it, one after the other, with constants."""

    variable: int
    read: Node
    nodes: tuple[Node, ...]


def _hoisted(graph: Graph, where: str, node: Node) -> Graph | None:
    inside = bodies(graph, node)
    body, part = inside["body"], part_of(graph, where)
    for i, name in enumerate(body.inputs):
        chain = _chain(body, i, name)
        made = part.by_name.get(normal(node.inputs[i]))
        if chain is None or made is None or made.op != "TensorListFromTensor":
            continue
        whole = part.type_of(made.inputs[0])
        if whole is None or whole.shape is None or len(whole.shape) != 3:
            continue
        element = body.graph.type_of(chain.nodes[-1].name)
        if element is None or element.shape is None:
            continue
        return _moved(graph, where, node, made, chain, element.shape, whole.shape)
    return None


def _chain(body: FunctionBody, i: int, name: str) -> _Chain | None:
    """A product of an element of variable ``i``, a list that the loop only reads, and what follows on it with constants."""
    graph = body.graph
    if normal(graph.outputs[i]) != name:
        return None
    readers = graph.readers.get(name, ())
    if any(reader.op != "TensorListGetItem" or normal(reader.inputs[0]) != name for reader in readers):
        return None
    for read in readers:
        for first in graph.readers.get(read.name, ()):
            if not _is_product(graph, first, read.name):
                continue
            nodes = [first]
            while (following := _following(graph, nodes[-1])) is not None:
                nodes.append(following)
            return _Chain(variable=i, read=read, nodes=tuple(nodes))
    return None


def _is_product(graph: Graph, node: Node, of: str) -> bool:
    return (
        node.op in PRODUCTS
        and normal(node.inputs[0]) == of
        and graph.constant(node.inputs[1]) is not None
        and not node.attrs.get("transpose_a", False)
        and not node.attrs.get("transpose_b", False)
    )


def _following(graph: Graph, node: Node) -> Node | None:
    """The only reader of a node, if it does something to it with a vector of constants."""
    readers = graph.readers.get(node.name, ())
    if len(readers) != 1 or node.name in map(normal, graph.outputs):
        return None
    (reader,) = readers
    if reader.op not in _WITH_CONSTANT or normal(reader.inputs[0]) != node.name:
        return None
    vector = graph.constant(reader.inputs[1])
    return reader if vector is not None and vector.value.ndim <= 1 else None


def _moved(
    graph: Graph, where: str, node: Node, made: Node, chain: _Chain, element: tuple[int | None, ...], whole: Shape
) -> Graph:
    part, inside = part_of(graph, where), bodies(graph, node)
    body, cond = inside["body"], inside["cond"]
    dtype = DType("float32") if (known := body.graph.type_of(chain.nodes[-1].name)) is None else DType(known.dtype)
    assert whole is not None
    added = Added(part)
    kernel = body.graph.constant(chain.nodes[0].inputs[1])
    assert kernel is not None
    rows = added.integers(node, "rows", (-1, kernel.value.shape[0]))
    tensor = _reshaped(added, node, made.inputs[0], rows, dtype)
    for each in chain.nodes:
        constant = body.graph.constant(each.inputs[1])
        assert constant is not None
        inputs = (tensor, added.constant(node, "constant", constant))
        name = added.name(f"{node.name}/{each.name.rpartition('/')[2]}")
        tensor = added.take(replace(each, name=name, inputs=inputs))
    tensor = _as_steps(added, node, tensor, made.inputs[0], (*whole[:-1], *element[-1:]), dtype)
    shape_in = _element_shape(added, node, body.graph, chain.read.inputs[2], element)
    attrs: dict[str, AttrValue] = {**made.attrs, "element_dtype": dtype}
    listed = Node(
        name=added.name(f"{node.name}/list"), op=made.op, inputs=(tensor, shape_in), attrs=attrs, origin=made.origin
    )
    name = added.take(listed)
    changed = with_arguments(node, [name], [TensorType(dtype="variant", shape=())])
    part = added.before(changed)
    graph = with_part(graph, where, replace(part, functions={}))
    graph = with_part(graph, cond.name, *_with_list(cond))
    return with_part(graph, body.name, *_reading(body, chain, dtype, element))


def _reading(
    body: FunctionBody, chain: _Chain, dtype: DType, element: tuple[int | None, ...]
) -> tuple[Graph, tuple[str, ...]]:
    """The body with a list more, of which it reads what it computed before."""
    graph, inputs = _with_list(body)
    own, last = inputs[-1], chain.nodes[-1]
    added = Added(graph)
    shape_in = _element_shape(added, last, body.graph, chain.read.inputs[2], element)
    attrs: dict[str, AttrValue] = {**chain.read.attrs, "element_dtype": dtype}
    known = graph.types[last.name]
    name = added.put(last, "item", chain.read.op, own, chain.read.inputs[1], shape_in, known=known, **attrs)
    changed = led(added.before(last), {last.name: name})
    return replace(changed, outputs=(*changed.outputs, own)).pruned(), inputs


def _with_list(body: FunctionBody) -> tuple[Graph, tuple[str, ...]]:
    name = body.graph.fresh("hoisted")
    made = Node(name=name, op="Placeholder", attrs={"dtype": DType("variant"), "shape": ShapeAttr(())})
    return replace(body.graph, nodes=(*body.graph.nodes, made)), (*body.inputs, name)


def _element_shape(added: Added, node: Node, of: Graph, tensor: str, element: tuple[int | None, ...]) -> str:
    """The shape of a list's elements, of the dtype that ``tensor`` of the graph ``of`` has."""
    known = of.type_of(tensor)
    sizes = [-1 if size is None else size for size in element]
    return added.integers(node, "element_shape", sizes, "int32" if known is None else known.dtype)


def _as_steps(added: Added, node: Node, tensor: str, steps: str, size: tuple[int | None, ...], dtype: DType) -> str:
    """A matrix of rows as the steps that they were: ``steps`` is the tensor of them, of the same sizes but the last."""
    if sum(each is None for each in size) <= 1:
        known = added.integers(node, "steps", [-1 if each is None else each for each in size])
        return _reshaped(added, node, tensor, known, dtype)
    columns, of = size[-1], added.type_of(steps)
    assert columns is not None
    taken = dtype if of is None else DType(of.dtype)
    whole = added.put(node, "shape", "Shape", steps, T=taken, out_type=_INT)
    begin, count = added.integers(node, "begin", [0]), added.integers(node, "count", [len(size) - 1])
    last, axis = added.integers(node, "columns", [columns]), added.integers(node, "axis", 0)
    outer = added.put(node, "outer", "Slice", whole, begin, count, T=_INT, Index=_INT)
    shape = added.put(node, "joined", "ConcatV2", outer, last, axis, T=_INT, Tidx=_INT, N=2)
    return _reshaped(added, node, tensor, shape, dtype)


def _reshaped(added: Added, node: Node, tensor: str, shape: str, dtype: DType) -> str:
    return added.put(node, "reshape", "Reshape", tensor, shape, T=dtype, Tshape=_INT)
