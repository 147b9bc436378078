"""What tensors are before a transpose: a region of ops that don't care about the order of dimensions, made anew without it.

``Before(graph).of(t, order)`` is the tensor that, transposed by ``order``, is ``t``. It is found by going up from ``t`` through
ops that work element by element (or along dimensions that can be named anew) until every way ends at a Transpose by that order,
whose input is taken, or at a constant, which is transposed here and now.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tfjsci.catalog.restrictions.axes import BINARY, UNARY
from tfjsci.graph.graph import Array, Constant, DType, Graph, Node, Shape, node_of, normal
from tfjsci.rewrite.new_integers import new_integers
from tfjsci.rewrite.rule import NewConst, NewNode, Source, kept

Order = tuple[int, ...]
"""Of a transpose: dimension ``order[i]`` of the input is dimension i of the result."""

DEEPEST = 16
"""Ops that are gone up through. A rule sweeps again where there are more."""

REDUCING = frozenset({"Sum", "Mean", "Max", "Min", "Prod", "All", "Any"})
SEARCHING = frozenset({"ArgMax", "ArgMin"})
PADDING = frozenset({"Pad", "PadV2", "MirrorPad"})


def order_of(graph: Graph, node: Node) -> Order | None:
    """The order of a Transpose, where it is constant."""
    if node.op != "Transpose" or (constant := graph.constant(node.inputs[1])) is None:
        return None
    numbers = constant.value.reshape(-1)
    return tuple(int(n) % len(numbers) for n in numbers)


def inverse(order: Order) -> Order:
    """The order that undoes this one."""
    return tuple(order.index(i) for i in range(len(order)))


def without(order: Order, axes: set[int]) -> Order:
    """The order of what is left once these dimensions of the result are gone."""
    left = [n for axis, n in enumerate(order) if axis not in axes]
    return tuple(sorted(left).index(n) for n in left)


def is_still(order: Order) -> bool:
    """Whether nothing moves."""
    return order == tuple(range(len(order)))


class Before:
    """Collects, while tensors are asked for, the Transposes that were met and the nodes that were made anew."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.transposes: set[str] = set()
        self.inside: set[str] = set()
        self._known: dict[tuple[str, Order], Source | None] = {}
        self._depth = 0

    def of(self, tensor: str, order: Order) -> Source | None:
        """The tensor before; None if there is no way to have it without a new transpose."""
        key = (normal(tensor), order)
        if key not in self._known:
            self._known[key] = self._of(passed_on(self.graph, tensor), order)
        return self._known[key]

    def remade(self, node: Node, order: Order) -> NewNode | None:
        """The node's op on what its inputs are before, so that its own result is transposed by ``order`` afterwards."""
        move = MOVES.get(node.op)
        return move(self, node, order) if move is not None else None

    def alone(self, *roots: str) -> set[str]:
        """The Transposes that nobody reads but what was made anew. Of what was made anew, nobody else may read anything."""
        ours = self.inside | set(roots)
        return {name for name in self.transposes if self._read_by(name) <= ours}

    def closed(self, *roots: str) -> bool:
        """Whether nobody else reads what was made anew, so that nothing is computed twice."""
        ours = self.inside | set(roots)
        return all(self._read_by(name) <= ours for name in self.inside)

    def _read_by(self, name: str) -> set[str]:
        read = {reader.name for reader in self.graph.readers.get(name, ())}
        return read | {""} if name in map(node_of, self.graph.outputs) else read

    def _of(self, tensor: str, order: Order) -> Source | None:
        node = self.graph[node_of(tensor)]
        if normal(tensor) != node.name:
            return None
        if order_of(self.graph, node) == order:
            self.transposes.add(node.name)
            return node.inputs[0]
        constant = self.graph.constant(tensor)
        if constant is not None:
            return _transposed(tensor, constant, order) if constant.value.ndim == len(order) else None
        if _stays(self.shape(tensor), order):
            return tensor
        if self._depth >= DEEPEST or node.control:
            return None
        self._depth += 1
        made = self.remade(node, order)
        self._depth -= 1
        if made is not None:
            self.inside.add(node.name)
        return made

    def shape(self, tensor: str) -> Shape:
        """What is known of the shape after the transpose."""
        known = self.graph.type_of(tensor)
        return known.shape if known is not None else None

    def ints(self, tensor: str, count: int | None = None) -> list[int] | None:
        """The numbers of a constant, where there are as many as asked for."""
        constant = self.graph.constant(tensor)
        if constant is None or (count is not None and constant.value.size != count):
            return None
        return [int(n) for n in constant.value.reshape(-1)]


def passed_on(graph: Graph, tensor: str) -> str:
    """The tensor behind Identities."""
    while graph[node_of(tensor)].op == "Identity":
        tensor = graph[node_of(tensor)].inputs[0]
    return tensor


def order_above(graph: Graph, node: Node) -> Order | None:
    """The order of the first Transpose found by going up through ops that can be made anew."""
    return _order_above(graph, node, DEEPEST, set())


def _order_above(graph: Graph, node: Node, depth: int, seen: set[str]) -> Order | None:
    for tensor in node.inputs:
        above = graph[node_of(passed_on(graph, tensor))]
        if above.name in seen:
            continue
        seen.add(above.name)
        found = order_of(graph, above)
        if found is None and depth and above.op in MOVES:
            found = order_behind(graph, above, _order_above(graph, above, depth - 1, seen))
        if found is not None:
            return found
    return None


def order_behind(graph: Graph, node: Node, order: Order | None) -> Order | None:
    """The order behind an op, given the one before it: fewer dimensions where the op takes some away."""
    if order is None or node.op == "ExpandDims" or (gone := _gone(graph, node, len(order))) is None:
        return None
    return without(order, gone)


def _gone(graph: Graph, node: Node, rank: int) -> set[int] | None:
    """The dimensions that the op takes away from an input of this rank; None where that isn't known."""
    if node.op == "Squeeze":
        dims = node.attrs.get("squeeze_dims") or node.attrs.get("axis")
        return {int(n) % rank for n in dims if isinstance(n, int)} if isinstance(dims, tuple) and dims else None
    if node.op in SEARCHING or (node.op in REDUCING and not node.attrs.get("keep_dims")):
        constant = graph.constant(node.inputs[1])
        return None if constant is None else {int(n) % rank for n in constant.value.reshape(-1)}
    return set()


def _stays(shape: Shape, order: Order) -> bool:
    """Whether the transpose would move nothing but sizes of 1 to where there is one."""
    if shape is None or len(shape) != len(order):
        return False
    return all(size == 1 or order[axis] == axis for axis, size in enumerate(shape))


def _transposed(tensor: str, constant: Constant, order: Order) -> NewConst:
    """The constant before. With 4 dimensions or fewer leading 1s fall away: one number a channel is a vector again."""
    value: Array = np.ascontiguousarray(constant.value.transpose(inverse(order)))
    while 1 < value.ndim <= 4 and value.shape[0] == 1:
        value = value[0]
    return NewConst(name=tensor, constant=Constant(value=value, sources=constant.sources))


def _new(node: Node, inputs: list[Source], **attrs: object) -> NewNode:
    return NewNode(name="", op=node.op, inputs=tuple(inputs), attrs={**kept(node), **attrs})  # type: ignore[dict-item]


def _unary(before: Before, node: Node, order: Order) -> NewNode | None:
    """The other inputs (bounds of ClipByValue) are single numbers."""
    x = before.of(node.inputs[0], order)
    if x is None or any(before.shape(tensor) != () for tensor in node.inputs[1:]):
        return None
    return _new(node, [x, *node.inputs[1:]])


def _spread(before: Before, node: Node, order: Order) -> NewNode | None:
    """Operands of fewer dimensions are constants, which get the missing ones in front; they mustn't make the result larger."""
    operands: list[Source] = []
    moved: list[Shape] = []
    constants: list[Array] = []
    for tensor in node.inputs:
        constant = before.graph.constant(tensor)
        if before.shape(tensor) == ():
            operands.append(tensor)
        elif constant is not None:
            if constant.value.ndim > len(order):
                return None
            value = constant.value.reshape((1,) * (len(order) - constant.value.ndim) + constant.value.shape)
            constants.append(value)
            operands.append(_transposed(tensor, Constant(value=value, sources=constant.sources), order))
        else:
            x = before.of(tensor, order)
            if x is None:
                return None
            operands.append(x)
            moved.append(before.shape(tensor))
    if not moved or any(not _fits(value, moved) for value in constants):
        return None
    if node.op == "BiasAdd":
        return NewNode(name="", op="AddV2", inputs=tuple(operands), attrs={"T": node.attrs["T"]})
    return _new(node, operands)


def _fits(value: Array, moved: list[Shape]) -> bool:
    return all(
        size == 1 or any(shape is not None and shape[axis] == size for shape in moved)
        for axis, size in enumerate(value.shape)
    )


def _all(before: Before, node: Node, order: Order) -> NewNode | None:
    operands = [before.of(tensor, order) for tensor in node.inputs]
    return None if None in operands else _new(node, [each for each in operands if each is not None])


def _concat(before: Before, node: Node, order: Order) -> NewNode | None:
    *tensors, axis = node.inputs
    operands = [before.of(tensor, order) for tensor in tensors]
    at = before.ints(axis, 1)
    if None in operands or at is None:
        return None
    return _new(
        node, [*(each for each in operands if each is not None), _axis(before, axis, order[at[0] % len(order)])]
    )


def _axis(before: Before, tensor: str, axis: int) -> NewConst:
    """One number with the dtype and shape that the old one had."""
    constant = before.graph.constant(tensor)
    assert constant is not None
    return NewConst(name="", constant=Constant(value=np.full_like(constant.value, axis)))


def _pad(before: Before, node: Node, order: Order) -> NewNode | None:
    x, around = before.of(node.inputs[0], order), before.graph.constant(node.inputs[1])
    if x is None or around is None or around.value.shape != (len(order), 2):
        return None
    moved = NewConst(name="", constant=Constant(value=np.ascontiguousarray(around.value[list(inverse(order))])))
    return _new(node, [x, moved, *node.inputs[2:]])


def _slice(before: Before, node: Node, order: Order) -> NewNode | None:
    x = before.of(node.inputs[0], order)
    begin, sizes = (before.ints(tensor, len(order)) for tensor in node.inputs[1:])
    if x is None or begin is None or sizes is None:
        return None
    back = inverse(order)
    moved = [new_integers([numbers[axis] for axis in back]) for numbers in (begin, sizes)]
    return _new(node, [x, *moved], Index=DType("int32"))


def _strided_slice(before: Before, node: Node, order: Order) -> NewNode | None:
    """Only such as leave every dimension there."""
    masks = {name: node.attrs.get(name, 0) for name in ("ellipsis_mask", "new_axis_mask", "shrink_axis_mask")}
    x = before.of(node.inputs[0], order)
    begin, end, steps = (before.ints(tensor) for tensor in node.inputs[1:])
    if x is None or begin is None or end is None or steps is None or any(masks.values()):
        return None
    rest, whole = len(order) - len(begin), (1 << len(order)) - 1
    bits = {}
    for name in ("begin_mask", "end_mask"):
        mask = node.attrs.get(name, 0)
        assert isinstance(mask, int)
        full = (mask | whole << len(begin)) & whole
        bits[name] = sum(1 << order[axis] for axis in range(len(order)) if full >> axis & 1)
    back = inverse(order)
    padded = ([*begin, *[0] * rest], [*end, *[0] * rest], [*steps, *[1] * rest])
    moved = [new_integers([numbers[axis] for axis in back]) for numbers in padded]
    return _new(node, [x, *moved], Index=DType("int32"), **bits)


def _reduce(before: Before, node: Node, order: Order) -> NewNode | None:
    """``order`` is of the result, which may have fewer dimensions than the input: then the Transpose above tells the input's."""
    if node.attrs.get("T") not in (DType("float16"), DType("float32"), DType("float64")):
        return None  # webgpu does it with integers and bools along the last dimensions only: they were put there on purpose
    inner: Order | None = order
    if node.op in SEARCHING or not node.attrs.get("keep_dims"):
        inner = order_above(before.graph, node)
        gone = _gone(before.graph, node, len(inner)) if inner is not None else None
        if inner is None or gone is None or without(inner, gone) != order:
            return None
    assert inner is not None
    axes, x = before.ints(node.inputs[1]), before.of(node.inputs[0], inner)
    if axes is None or x is None:
        return None
    if node.op in SEARCHING:
        return _new(node, [x, _axis(before, node.inputs[1], inner[axes[0] % len(inner)])])
    return _new(node, [x, new_integers([inner[axis % len(inner)] for axis in axes])], Tidx=DType("int32"))


def _squeeze(before: Before, node: Node, order: Order) -> NewNode | None:
    inner = order_above(before.graph, node)
    gone = _gone(before.graph, node, len(inner)) if inner is not None else None
    if inner is None or gone is None or without(inner, gone) != order:
        return None
    x = before.of(node.inputs[0], inner)
    return None if x is None else _new(node, [x], squeeze_dims=tuple(sorted(inner[axis] for axis in gone)))


def _expand(before: Before, node: Node, order: Order) -> NewNode | None:
    at = before.ints(node.inputs[1], 1)
    if at is None:
        return None
    axis = at[0] % len(order)
    x = before.of(node.inputs[0], without(order, {axis}))
    return None if x is None else _new(node, [x, _axis(before, node.inputs[1], order[axis])])


Move = Callable[[Before, Node, Order], "NewNode | None"]

MOVES: dict[str, Move] = {
    **dict.fromkeys(sorted(UNARY), _unary),
    **dict.fromkeys(sorted(BINARY - {"Prelu"}), _spread),
    "SelectV2": _spread,
    "AddN": _all,
    "ConcatV2": _concat,
    **dict.fromkeys(sorted(PADDING), _pad),
    "Slice": _slice,
    "StridedSlice": _strided_slice,
    **dict.fromkeys(sorted(REDUCING | SEARCHING), _reduce),
    "Squeeze": _squeeze,
    "ExpandDims": _expand,
}
"""Ops that can be made anew on what their inputs are before a transpose."""
