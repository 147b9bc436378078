"""What a loop computes of each element of a list, with weights alone: computed once before the loop, of all of them.

    for t: z = x[t] · W + h · U    ->    y = x · W; for t: z = y[t] + h · U

One product of all steps takes one kernel where the loop takes one for each step.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tfjsci.graph.calls import LOOPS, bodies, calls, with_arguments
from tfjsci.graph.graph import (
    AttrValue,
    Constant,
    DType,
    FunctionBody,
    Graph,
    Node,
    Shape,
    ShapeAttr,
    TensorType,
    dtype_name,
    normal,
    unused_name,
)
from tfjsci.rewrite.control.parts import led, part_of, with_part

PRODUCTS = frozenset({"MatMul"})
"""What is taken out of a loop."""

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
    new = _Before(part, body.graph, made.inputs[0], dtype, node)
    kernel = body.graph.constant(chain.nodes[0].inputs[1])
    assert kernel is not None
    tensor = new.rows(kernel.value.shape[0])
    for each in chain.nodes:
        name = new.name(each.name.rpartition("/")[2])
        tensor = new.put(replace(each, name=name, inputs=(tensor, new.constant_of(each.inputs[1]))))
    size = (*whole[:-1], *element[-1:])
    tensor = new.as_steps(tensor, size)
    attrs: dict[str, AttrValue] = {**made.attrs, "element_dtype": dtype}
    shape_in = new.element_shape(chain.read.inputs[2], element)
    name = new.put(Node(name=new.name("list"), op=made.op, inputs=(tensor, shape_in), attrs=attrs, origin=made.origin))
    changed = with_arguments(node, [name], [TensorType(dtype="variant", shape=())])
    part = new.before(changed)
    graph = with_part(graph, where, replace(part, functions={}))
    graph = with_part(graph, cond.name, *_with_list(cond))
    return with_part(graph, body.name, *_reading(body, chain, dtype, element))


def _reading(
    body: FunctionBody, chain: _Chain, dtype: DType, element: tuple[int | None, ...]
) -> tuple[Graph, tuple[str, ...]]:
    """The body with a list more, of which it reads what it computed before."""
    graph, inputs = _with_list(body)
    own, last = inputs[-1], chain.nodes[-1]
    new = _Before(graph, body.graph, own, dtype, last)
    shape_in = new.element_shape(chain.read.inputs[2], element)
    attrs: dict[str, AttrValue] = {**chain.read.attrs, "element_dtype": dtype}
    item = Node(
        name=new.name("item"),
        op=chain.read.op,
        inputs=(own, chain.read.inputs[1], shape_in),
        attrs=attrs,
        origin=last.origin,
    )
    name = new.put(item)
    graph = new.before(last)
    changed = led(replace(graph, types={**graph.types, name: graph.types[last.name]}), {last.name: name})
    return replace(changed, outputs=(*changed.outputs, own)).pruned(), inputs


def _with_list(body: FunctionBody) -> tuple[Graph, tuple[str, ...]]:
    name = body.graph.fresh("hoisted")
    made = Node(name=name, op="Placeholder", attrs={"dtype": DType("variant"), "shape": ShapeAttr(())})
    return replace(body.graph, nodes=(*body.graph.nodes, made)), (*body.inputs, name)


class _Before:
    """Nodes put before one of a part: ``of`` is the graph whose constants they take, ``steps`` the tensor of all steps."""

    def __init__(self, part: Graph, of: Graph, steps: str, dtype: DType, node: Node) -> None:
        self._part, self._of, self._steps, self._dtype, self._node = part, of, steps, dtype, node
        self._taken = set(part.by_name)
        self._nodes: list[Node] = []
        self._constants: dict[str, Constant] = {}

    def name(self, wanted: str) -> str:
        """A name that isn't taken."""
        name = unused_name(f"{self._node.name}/{wanted}", self._taken)
        self._taken.add(name)
        return name

    def put(self, node: Node) -> str:
        """A node more; its name."""
        self._nodes.append(node)
        return node.name

    def numbers(self, wanted: str, *values: int, dtype: str = "int32") -> str:
        """A vector of whole numbers."""
        return self._constant(self.name(wanted), Constant(value=np.asarray(values, dtype=dtype)), dtype)

    def constant_of(self, tensor: str) -> str:
        """A constant of the other graph, in this one."""
        constant, name = self._of.constant(tensor), self.name("constant")
        assert constant is not None
        return self._constant(name, constant, dtype_name(constant.value))

    def element_shape(self, tensor: str, element: tuple[int | None, ...]) -> str:
        """The shape of a list's elements, of the dtype that ``tensor`` of the other graph has."""
        known = self._of.type_of(tensor)
        sizes = (-1 if size is None else size for size in element)
        return self.numbers("element_shape", *sizes, dtype="int32" if known is None else known.dtype)

    def rows(self, columns: int) -> str:
        """All the steps' rows as one matrix."""
        return self._reshaped(self._steps, self.numbers("rows", -1, columns))

    def as_steps(self, tensor: str, size: tuple[int | None, ...]) -> str:
        """A matrix of rows as the steps that they were."""
        if sum(each is None for each in size) <= 1:
            return self._reshaped(tensor, self.numbers("steps", *(-1 if each is None else each for each in size)))
        origin, columns = self._node.origin, size[-1]
        assert columns is not None
        whole = Node(
            name=self.name("shape"),
            op="Shape",
            inputs=(self._steps,),
            attrs={"T": self._steps_dtype(), "out_type": DType("int32")},
            origin=origin,
        )
        begin, count, last, axis = (
            self.numbers("begin", 0),
            self.numbers("count", len(size) - 1),
            self.numbers("columns", columns),
            self._constant(self.name("axis"), Constant(value=np.asarray(0, dtype=np.int32)), "int32"),
        )
        ints = {"T": DType("int32"), "Index": DType("int32")}
        outer = Node(
            name=self.name("outer"), op="Slice", inputs=(self.put(whole), begin, count), attrs=ints, origin=origin
        )
        joined: dict[str, AttrValue] = {"T": DType("int32"), "Tidx": DType("int32"), "N": 2}
        shape = Node(
            name=self.name("joined"), op="ConcatV2", inputs=(self.put(outer), last, axis), attrs=joined, origin=origin
        )
        return self._reshaped(tensor, self.put(shape))

    def before(self, node: Node) -> Graph:
        """The part with them before the node, which takes the place of the one of its name."""
        at = next(i for i, each in enumerate(self._part.nodes) if each.name == node.name)
        nodes = (*self._part.nodes[:at], *self._nodes, node, *self._part.nodes[at + 1 :])
        return replace(self._part, nodes=nodes, constants={**self._part.constants, **self._constants})

    def _steps_dtype(self) -> DType:
        known = self._part.type_of(self._steps)
        return self._dtype if known is None else DType(known.dtype)

    def _reshaped(self, tensor: str, shape: str) -> str:
        attrs: dict[str, AttrValue] = {"T": self._dtype, "Tshape": DType("int32")}
        return self.put(
            Node(name=self.name("reshape"), op="Reshape", inputs=(tensor, shape), attrs=attrs, origin=self._node.origin)
        )

    def _constant(self, name: str, value: Constant, dtype: str) -> str:
        self._constants[name] = value
        return self.put(Node(name=name, op="Const", attrs={"dtype": DType(dtype)}, origin=self._node.origin))
