"""Small trees to find in a graph: ``op("BiasAdd", op("Conv2D", any_tensor("x"), constant("w")), constant("b"))``.

A pattern binds tensors and nodes to names; a name that stands twice in it must be the same thing twice. What may not
be matched (a node in the middle that somebody else reads) is the engine's business, not the pattern's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from tfjsci.graph.graph import Constant, Graph, Node, node_of, normal


@dataclass(frozen=True, kw_only=True)
class AnyTensor:
    """Whatever is there."""

    name: str


@dataclass(frozen=True, kw_only=True)
class ConstantTensor:
    """A tensor whose value is known."""

    name: str


@dataclass(frozen=True, kw_only=True)
class OpPattern:
    """A node of one of ``ops`` whose first inputs match ``inputs``; ``either_order`` also tries the two swapped."""

    ops: frozenset[str]
    inputs: tuple[Pattern, ...]
    name: str
    either_order: bool = False

    @cached_property
    def orders(self) -> tuple[tuple[Pattern, ...], ...]:
        """The inputs in each order in which they may stand."""
        swapped = self.either_order and len(self.inputs) == 2
        return (self.inputs, self.inputs[::-1]) if swapped else (self.inputs,)

    @cached_property
    def flat(self) -> bool:
        """Whether nothing but the root is an op, and no name stands twice."""
        names = {part.name for part in self.inputs if not isinstance(part, OpPattern)}
        return len(names) == len(self.inputs)

    @cached_property
    def wanted(self) -> tuple[tuple[tuple[int, frozenset[str]], ...], ...]:
        """For each order, which ops must make which of the inputs."""
        return tuple(
            tuple(
                (i, part.ops if isinstance(part, OpPattern) else _CONST)
                for i, part in enumerate(order)
                if not isinstance(part, AnyTensor)
            )
            for order in self.orders
        )


_CONST = frozenset({"Const"})

Pattern = AnyTensor | ConstantTensor | OpPattern


def any_tensor(name: str) -> AnyTensor:
    """Binds a tensor."""
    return AnyTensor(name=name)


def constant(name: str) -> ConstantTensor:
    """Binds a tensor made by a Const."""
    return ConstantTensor(name=name)


@cache
def ops_in(ops: str) -> frozenset[str]:
    """``"Conv2D|MatMul"`` -> both: whether a node is one of the ops that a pattern looks for."""
    return frozenset(ops.split("|"))


def op(ops: str, *inputs: Pattern, name: str, either_order: bool = False) -> OpPattern:
    """Binds a node; ``ops`` are names with ``|`` between."""
    return OpPattern(ops=ops_in(ops), inputs=inputs, name=name, either_order=either_order)


@dataclass(frozen=True, kw_only=True)
class Match:
    """A place where a pattern fits: ``nodes`` by pattern name (the root among them), ``tensors`` by pattern name."""

    graph: Graph
    root: Node
    nodes: Mapping[str, Node]
    tensors: Mapping[str, str]

    def value(self, name: str) -> Constant:
        """The value behind a ``constant(name)``."""
        found = self.graph.constant(self.tensors[name])
        assert found is not None, f"{name} was matched as a constant"
        return found


@cache
def free_tensors(pattern: Pattern) -> frozenset[str]:
    """The names that ``pattern`` gives to tensors without looking at what makes them."""
    if isinstance(pattern, OpPattern):
        return frozenset().union(*(free_tensors(part) for part in pattern.inputs))
    return frozenset({pattern.name}) if isinstance(pattern, AnyTensor) else frozenset()


def may_match(pattern: OpPattern, ops: Sequence[str]) -> bool:
    """Whether it may fit a root whose inputs are made by these ops: of most nodes that tells that it doesn't."""
    if len(ops) < len(pattern.inputs):
        return False
    for order in pattern.wanted:
        for i, wanted in order:
            if ops[i] not in wanted:
                break
        else:
            return True
    return False


def matches(pattern: OpPattern, graph: Graph, root: Node) -> Iterator[Match]:
    """Every way in which ``pattern`` fits with its root at ``root``."""
    if pattern.flat:
        yield from _flat(pattern, graph, root)
        return
    for nodes, tensors in _fit(pattern, graph, root, {}, {}):
        yield Match(graph=graph, root=root, nodes=nodes, tensors=tensors)


def _flat(pattern: OpPattern, graph: Graph, root: Node) -> Iterator[Match]:
    """The same where nothing but the root is an op: most of the attempts are such."""
    if root.op not in pattern.ops or len(root.inputs) < len(pattern.inputs):
        return
    for order in pattern.orders:
        tensors: dict[str, str] = {}
        for part, tensor in zip(order, root.inputs, strict=False):
            if isinstance(part, ConstantTensor) and graph.constant(tensor) is None:
                break
            tensors[part.name] = tensor
        else:
            yield Match(graph=graph, root=root, nodes={pattern.name: root}, tensors=tensors)


_Nodes = dict[str, Node]
_Tensors = dict[str, str]


def _fit(
    pattern: OpPattern, graph: Graph, node: Node, nodes: _Nodes, tensors: _Tensors
) -> Iterator[tuple[_Nodes, _Tensors]]:
    """What is bound already, with what the pattern binds at ``node``, in each way in which it fits."""
    if node.op not in pattern.ops or len(node.inputs) < len(pattern.inputs):
        return
    if nodes.get(pattern.name, node) != node:
        return
    bound = {**nodes, pattern.name: node}
    for order in pattern.orders:
        if all(_may_fit(part, graph, tensor) for part, tensor in zip(order, node.inputs, strict=False)):
            yield from _fit_inputs(order, graph, node.inputs, bound, tensors)


def _may_fit(pattern: Pattern, graph: Graph, tensor: str) -> bool:
    """A look at one node: of most patterns it tells that they don't fit, before any of their parts is tried."""
    if isinstance(pattern, OpPattern):
        return graph[node_of(tensor)].op in pattern.ops
    return isinstance(pattern, AnyTensor) or graph.constant(tensor) is not None


def _fit_inputs(
    patterns: tuple[Pattern, ...], graph: Graph, inputs: tuple[str, ...], nodes: _Nodes, tensors: _Tensors
) -> Iterator[tuple[_Nodes, _Tensors]]:
    """The same for inputs that may fit, each by itself."""
    if not patterns:
        yield nodes, tensors
        return
    first, tensor, rest = patterns[0], inputs[0], patterns[1:]
    if tensors.get(first.name, tensor) != tensor:
        return
    bound = {**tensors, first.name: tensor}
    if not isinstance(first, OpPattern):
        yield from _fit_inputs(rest, graph, inputs[1:], nodes, bound)
    elif normal(tensor) == node_of(tensor):  # an inner node is read through its first output only
        for more in _fit(first, graph, graph[node_of(tensor)], nodes, bound):
            yield from _fit_inputs(rest, graph, inputs[1:], *more)
