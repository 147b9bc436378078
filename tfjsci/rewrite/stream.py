"""A stream of channels: sums of what layers make, and what only moves them, up to the norms that read it.

A transformer's residual stream is one: embeddings, and what each block adds to them. Each layer norm in front of a block
subtracts the mean over the channels from it (``y - Mean(y)``), and nobody else looks at it. What isn't made by layers, or is
wanted as it is by others, too, may be brought into it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field

from tfjsci.catalog.node_view import NodeView
from tfjsci.graph.graph import Graph, Node, node_of, normal
from tfjsci.rewrite.channels import not_linear, other_axis, outputs_before_inputs
from tfjsci.rewrite.symbolic.sizes import Sizes

Axis = int


@dataclass(kw_only=True)
class Stream:
    """The names of its nodes, of its norms' Subs, and of the weights it is made of, each with the axis of its channels.

    ``brought`` are the tensors that its nodes read and that aren't of it, each with what is to be told of it. ``problem`` is why
    it can't be centred where it is made, if it can't: then that is so for all of its norms.
    """

    nodes: set[str] = field(default_factory=set)
    weights: dict[str, Axis] = field(default_factory=dict)
    norms: set[str] = field(default_factory=set)
    brought: dict[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class _Parts:
    """What a node of a stream is made of: other tensors of the stream, and weights."""

    tensors: tuple[str, ...] = ()
    weights: tuple[tuple[str, Axis], ...] = ()


def subtracts_mean(graph: Graph, node: Node) -> bool:
    """Whether it is y - Mean(y, channels), of floats."""
    if node.op != "Sub" or node.control:
        return False
    mean = graph.by_name.get(normal(node.inputs[1]))
    return mean is not None and mean.inputs[:1] == node.inputs[:1] and _is_mean_of_channels(graph, mean)


def stream_of(graph: Graph, sizes: Sizes, norm: Node) -> Stream:
    """All that ``norm``, which subtracts the mean of it, has its channels from, and all other norms of it.

    It is the same from whichever of them it is looked for.
    """
    apart: set[str] = set()
    while True:
        search = _Search(graph, sizes, norm.inputs[0], apart)
        shared = search.readers_of_shared_weights()
        if not shared:
            search.ask_readers()
            return search.stream
        apart |= shared


class _Search:
    """``apart`` are nodes that don't belong to it, whatever they are."""

    def __init__(self, graph: Graph, sizes: Sizes, start: str, apart: Set[str]) -> None:
        self.graph, self.sizes, self.apart, self.stream = graph, sizes, apart, Stream()
        dims = sizes.shape(start)
        self.channels = dims[-1] if dims else None
        self.outputs = {node_of(tensor) for tensor in graph.outputs}
        waiting = [start]
        if not isinstance(self.channels, int) or self.channels < 2:
            self._refuse("how many channels it has isn't known, or it is one")
            waiting = []
        while waiting:
            tensor = waiting.pop()
            if tensor not in self.stream.nodes and tensor not in self.stream.brought:
                waiting += self._visit(tensor)

    def _refuse(self, why: str) -> None:
        """The first reason is told; what else belongs to it is looked for all the same."""
        self.stream.problem = self.stream.problem or why

    def _visit(self, tensor: str) -> list[str]:
        """Take the tensor in; those that are in the stream then, too: what it is made of, and what is made of it."""
        if not self._has_channels(tensor):
            self._refuse(f"{tensor} isn't as wide")
            return []
        node = self.graph[node_of(tensor)]
        parts = self._parts_of(node)
        if parts is None or tensor in self.apart or tensor in self.outputs:
            what = "is no sum of layers" if parts is None else "is wanted as it is"
            self.stream.brought[tensor] = f"{tensor} ({node.op}) {what}"
            return []
        self.stream.nodes.add(tensor)
        for name, axis in parts.weights:
            if self.stream.weights.setdefault(name, axis) != axis:
                self._refuse(f"{name} is read along two axes")
        return [*parts.tensors, *self._made_of(tensor)]

    def _made_of(self, tensor: str) -> list[str]:
        """What is made of a tensor of the stream and belongs to it; the norms' means do what they do."""
        found = []
        for reader in self.graph.readers.get(tensor, ()):
            if subtracts_mean(self.graph, reader) and reader.inputs[0] == tensor:
                self.stream.norms.add(reader.name)
            elif _is_mean_of_channels(self.graph, reader):
                self._ask_readers_of_mean(reader, tensor)
            elif (parts := self._parts_of(reader)) is not None and tensor in parts.tensors:
                found.append(reader.name)
            elif reader.op not in _READ_NO_NUMBERS:
                self._refuse(f"{reader.name} ({reader.op}) reads it as well")
        return found

    def _ask_readers_of_mean(self, mean: Node, tensor: str) -> None:
        readers = self.graph.readers.get(mean.name, ())
        if mean.name in self.outputs or any(
            not subtracts_mean(self.graph, each) or each.inputs != (tensor, mean.name) for each in readers
        ):
            self._refuse(f"somebody else reads the mean {mean.name}")

    def readers_of_shared_weights(self) -> set[str]:
        """The stream's nodes that read a weight which others read as well."""
        found = set()
        for name, axis in self.stream.weights.items():
            inside, outside = [], name in self.outputs
            for reader in self.graph.readers[name]:
                parts = self._parts_of(reader) if reader.name in self.stream.nodes else None
                if parts is not None and parts.weights.count((name, axis)) == reader.reads.count(name):
                    inside.append(reader.name)
                else:
                    outside = True
            if outside:
                found.update(inside)
        return found

    def ask_readers(self) -> None:
        """Refuse what is brought in and made of the stream itself."""
        for tensor, told in self.stream.brought.items():
            if not self.stream.nodes.isdisjoint(self.graph[node_of(tensor)].reads):
                self._refuse(told)

    def _has_channels(self, tensor: str) -> bool:
        dims = self.sizes.shape(tensor)
        return bool(dims and dims[-1] == self.channels)

    def _parts_of(self, node: Node) -> _Parts | None:
        """None where the node is none of a stream's."""
        understood = _PARTS.get(node.op)
        return None if understood is None or node.control else understood(self, node)

    def _operand(self, tensor: str) -> _Parts | None:
        """A summand: a weight that has a number for each channel, or another tensor of the stream."""
        constant = self.graph.constant(tensor)
        if constant is None:
            return _Parts(tensors=(tensor,)) if self._has_channels(tensor) else None
        value = constant.value
        wide = value.ndim > 0 and value.shape[-1] == self.channels and value.dtype.kind == "f"
        return _Parts(weights=((tensor, -1),)) if wide else None

    def sum(self, node: Node) -> _Parts | None:
        return _joined([self._operand(tensor) for tensor in node.inputs])

    def biased(self, node: Node) -> _Parts | None:
        return None if other_axis(node) else self.sum(node)

    def scaled(self, node: Node) -> _Parts | None:
        """By one number for all channels: what is centred stays so."""
        for x, factor in (node.inputs, node.inputs[::-1]):
            constant = self.graph.constant(factor)
            if constant is not None and (constant.value.ndim == 0 or constant.value.shape[-1] == 1):
                return self._operand(x)
        return None

    def spread(self, node: Node) -> _Parts | None:
        """BroadcastTo, or Tile of other dimensions than the channels."""
        if node.op == "Tile":
            times = NodeView(self.graph, node).value(1)
            if times is None or not times.size or times[-1] != 1:
                return None
        return self.moved(node)

    def layer(self, node: Node) -> _Parts | None:
        kernel = self.graph.constant(node.inputs[1])
        if kernel is None or not_linear(node, kernel.value):
            return None
        return _Parts(weights=((node.inputs[1], -2 if outputs_before_inputs(node) else -1),))

    def table(self, node: Node) -> _Parts | None:
        """Rows that are looked up."""
        view = NodeView(self.graph, node)
        table, axis = self.graph.constant(node.inputs[0]), view.value(2)
        if table is None or axis is None or table.value.ndim < 2 or table.value.dtype.kind != "f":
            return None
        if int(axis.reshape(-1)[0]) not in range(table.value.ndim - 1) or view.number("batch_dims", 0):
            return None
        return _Parts(weights=((node.inputs[0], -1),))

    def moved(self, node: Node) -> _Parts | None:
        """The order of the numbers stays: with as many channels last on both sides, they stay together."""
        return self._operand(node.inputs[0])

    def transposed(self, node: Node) -> _Parts | None:
        order = NodeView(self.graph, node).value(1)
        return self.moved(node) if order is not None and order[-1] == order.size - 1 else None

    def joined(self, node: Node) -> _Parts | None:
        axis, dims = NodeView(self.graph, node).value(len(node.inputs) - 1), self.sizes.shape(node.name)
        if axis is None or dims is None or int(axis.reshape(-1)[0]) in (-1, len(dims) - 1):
            return None
        return _joined([self._operand(tensor) for tensor in node.inputs[:-1]])

    def padded(self, node: Node) -> _Parts | None:
        """With zeros, which are centred, and no channels."""
        view = NodeView(self.graph, node)
        paddings, filler = view.value(1), view.value(2) if node.op == "PadV2" else None
        if paddings is None or paddings[-1].any() or (node.op == "PadV2" and (filler is None or filler.any())):
            return None
        return self.moved(node)

    def cut(self, node: Node) -> _Parts | None:
        """All channels of some places. (As many channels come out as go in, so none is left behind.)"""
        view, dims = NodeView(self.graph, node), self.sizes.shape(node.inputs[0])
        if node.op == "StridedSlice":
            begin = view.value(1)
            if begin is None or dims is None or begin.size >= len(dims):
                return None
            if view.number("ellipsis_mask", 0) or view.number("new_axis_mask", 0):
                return None
        return self.moved(node)

    def reduced(self, node: Node) -> _Parts | None:
        """Over places: a mean or a sum of what is centred is centred."""
        axes, dims = NodeView(self.graph, node).value(1), self.sizes.shape(node.inputs[0])
        if axes is None or dims is None or any(int(axis) in (-1, len(dims) - 1) for axis in axes.reshape(-1)):
            return None
        return self.moved(node)


def _joined(parts: list[_Parts | None]) -> _Parts | None:
    """All of them, or None where one is none."""
    known = [each for each in parts if each is not None]
    if len(known) < len(parts):
        return None
    return _Parts(
        tensors=tuple(tensor for each in known for tensor in each.tensors),
        weights=tuple(weight for each in known for weight in each.weights),
    )


def _is_mean_of_channels(graph: Graph, node: Node) -> bool:
    if node.op != "Mean" or node.control or not node.attrs.get("keep_dims"):
        return False
    axes, known = graph.constant(node.inputs[1]), graph.type_of(node.inputs[0])
    if axes is None or axes.value.size != 1 or known is None or known.shape is None:
        return False
    return int(axes.value.reshape(-1)[0]) in (-1, len(known.shape) - 1) and known.dtype in ("float32", "float64")


_READ_NO_NUMBERS = frozenset({"OnesLike", "Rank", "Shape", "ShapeN", "Size", "ZerosLike"})
"""What is made of the shape alone."""

_LAYERS = ("MatMul", "Conv2D", "Conv3D", "BatchMatMul", "BatchMatMulV2", "Conv2DBackpropInput", "Conv3DBackpropInputV2")

_PARTS: Mapping[str, Callable[[_Search, Node], _Parts | None]] = {
    **dict.fromkeys(("Add", "AddV2", "AddN", "Sub"), _Search.sum),
    **dict.fromkeys(_LAYERS, _Search.layer),
    **dict.fromkeys(("Reshape", "Squeeze", "ExpandDims"), _Search.moved),
    **dict.fromkeys(("Pad", "PadV2"), _Search.padded),
    **dict.fromkeys(("BroadcastTo", "Tile"), _Search.spread),
    **dict.fromkeys(("Slice", "StridedSlice"), _Search.cut),
    **dict.fromkeys(("Mean", "Sum"), _Search.reduced),
    "BiasAdd": _Search.biased,
    "ConcatV2": _Search.joined,
    "GatherV2": _Search.table,
    "Mul": _Search.scaled,
    "Transpose": _Search.transposed,
}
