"""An immutable TensorFlow graph, checked at birth: nodes, constants held beside them, and who reads what.

TensorFlow itself isn't needed here. A tensor is named as in a GraphDef: ``"node"`` is its first output,
``"node:1"`` its second. Control edges are kept apart from data. A ``Const`` node has its value in
``Graph.constants``, never in an attribute, so copying a graph copies no weights.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from tfjsci.graph.history import Changed, History

Array: TypeAlias = npt.NDArray[np.generic]
Shape: TypeAlias = "tuple[int | None, ...] | None"
"""Dimension sizes; a dimension unknown is None, and so is a shape of unknown rank."""


@dataclass(frozen=True, slots=True)
class DType:
    """A dtype-valued attribute, by numpy's name: ``float32``, ``string``, ``resource``, ``bfloat16``."""

    name: str


@dataclass(frozen=True, slots=True)
class ShapeAttr:
    """A shape-valued attribute."""

    shape: Shape


@dataclass(frozen=True, slots=True)
class FunctionName:
    """A function-valued attribute: the body of a While, a branch of an If, a call."""

    name: str


Scalar: TypeAlias = "bool | int | float | bytes | DType | ShapeAttr | FunctionName"
AttrValue: TypeAlias = "Scalar | tuple[Scalar, ...]"


class GraphError(ValueError):
    """A graph that can't be: a missing input, a name used twice, a circle."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """One op. ``inputs`` are tensors in order, ``control`` the nodes that must run before, ``origin`` the layers it came from.

    ``reads`` are the names of the nodes behind both, in order.
    """

    name: str
    op: str
    inputs: tuple[str, ...] = ()
    control: tuple[str, ...] = ()
    attrs: Mapping[str, AttrValue] = field(default_factory=dict)
    origin: tuple[str, ...] = ()
    reads: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "attrs", MappingProxyType(dict(self.attrs)))
        self._read(self.inputs)

    def reading(self, inputs: tuple[str, ...]) -> Node:
        """The node with other inputs; itself where they are the same: a large graph is changed in a few places."""
        if inputs == self.inputs:
            return self
        made = object.__new__(Node)
        made.__dict__.update(self.__dict__)  # the attributes can't be changed, so the two may have them in common
        made._read(inputs)
        return made

    def _read(self, inputs: tuple[str, ...]) -> None:
        object.__setattr__(self, "inputs", tuple(map(normal, inputs)))
        object.__setattr__(self, "reads", (*map(node_of, self.inputs), *self.control))


@dataclass(frozen=True, kw_only=True)
class Constant:
    """A Const's value and the paths of the variables it was made of (none for a literal of the graph).

    The array is taken over, not copied: it becomes read-only.
    """

    value: Array
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", np.asarray(self.value))  # arithmetic on rank 0 gives numpy scalars
        self.value.flags.writeable = False

    @cached_property
    def ends(self) -> tuple[float, float]:
        """The least and the largest value, looked for once; NaN both where there is one. Raises ``ValueError`` of no values."""
        return float(self.value.min()), float(self.value.max())


@dataclass(frozen=True, kw_only=True)
class TensorType:
    """What is known of a tensor before running: numpy's dtype name and the shape as far as inferred."""

    dtype: str
    shape: Shape


@dataclass(frozen=True, kw_only=True)
class FunctionBody:
    """A library function as a graph of its own; ``inputs`` are Placeholders inside ``graph``, ``outputs`` tensors of it."""

    name: str
    inputs: tuple[str, ...]
    graph: Graph


def node_of(tensor: str) -> str:
    """``"conv:1"`` -> ``"conv"``."""
    return tensor.partition(":")[0] if ":" in tensor else tensor


def index_of(tensor: str) -> int:
    """``"loop:3"`` -> 3."""
    return int(tensor.partition(":")[2] or 0)


def normal(tensor: str) -> str:
    """``"conv:0"`` -> ``"conv"``: one spelling per tensor."""
    return tensor[:-2] if tensor.endswith(":0") else tensor


def outputs_in(tensors: Container[str], name: str) -> list[str]:
    """Those among ``tensors`` that the node makes: its first output, and the others as far as there is no gap."""
    found = [name] if name in tensors else []
    index = 1
    while (tensor := f"{name}:{index}") in tensors:
        found.append(tensor)
        index += 1
    return found


def indexed(tensor: str) -> str:
    """``"conv"`` -> ``"conv:0"``: the spelling that TensorFlow and the artifacts ask for."""
    return tensor if ":" in tensor else f"{tensor}:0"


def unused_name(wanted: str, taken: Container[str]) -> str:
    """The name wanted, or the first of ``wanted_1``, ``wanted_2`` … that isn't taken."""
    name, n = wanted, 1
    while name in taken:
        name, n = f"{wanted}_{n}", n + 1
    return name


@dataclass(frozen=True, kw_only=True)
class Graph:
    """Nodes in topological order, the constants' values, the tensors that are its outputs, and its functions.

    Raises :class:`GraphError` at birth if a name is used twice, an input or output names no node, a Const has no
    value (or a value has no Const), or the nodes form a circle.
    """

    nodes: tuple[Node, ...]
    outputs: tuple[str, ...]
    constants: Mapping[str, Constant] = field(default_factory=dict)
    types: Mapping[str, TensorType] = field(default_factory=dict)
    functions: Mapping[str, FunctionBody] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "outputs", tuple(map(normal, self.outputs)))
        by_name = {node.name: node for node in self.nodes}
        if len(by_name) != len(self.nodes):
            seen: set[str] = set()
            twice = next(n.name for n in self.nodes if n.name in seen or seen.add(n.name))  # type: ignore[func-returns-value]
            raise GraphError(f"two nodes are named {twice!r}")
        placed: set[str] = set()
        in_order = True
        for node in self.nodes:
            if not placed.issuperset(node.reads):
                for name, tensor in zip(node.reads, (*node.inputs, *node.control), strict=True):
                    if name not in by_name:
                        raise GraphError(f"{node.op} {node.name!r} reads {tensor!r}, which isn't in the graph")
                    in_order = in_order and name in placed
            placed.add(node.name)
        for tensor in self.outputs:
            if node_of(tensor) not in by_name:
                raise GraphError(f"the output {tensor!r} isn't in the graph")
        consts = {node.name for node in self.nodes if node.op == "Const"}
        if consts != set(self.constants):
            odd = sorted(consts ^ set(self.constants))[0]
            raise GraphError(f"Const {odd!r} has no value" if odd in consts else f"the value {odd!r} has no Const")
        object.__setattr__(self, "nodes", tuple(self.nodes) if in_order else _topological(by_name))
        if in_order:
            self.__dict__["by_name"] = MappingProxyType(by_name)
        for name in ("constants", "types", "functions"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    @cached_property
    def by_name(self) -> Mapping[str, Node]:
        """Node name -> node."""
        return MappingProxyType({node.name: node for node in self.nodes})

    @cached_property
    def readers(self) -> Mapping[str, tuple[Node, ...]]:
        """Node name -> the nodes that read any output of it, as data or control, each once."""
        found: dict[str, list[Node]] = {}
        for node in self.nodes:
            for name in dict.fromkeys(node.reads) if len(node.reads) > 1 else node.reads:
                if name in found:
                    found[name].append(node)
                else:
                    found[name] = [node]
        return MappingProxyType({name: tuple(nodes) for name, nodes in found.items()})

    @cached_property
    def read_beyond_first(self) -> frozenset[str]:
        """The nodes of which another output than the first is read, by a node or as an output of the graph."""
        read = [tensor for node in self.nodes for tensor in node.inputs if ":" in tensor]
        return frozenset(node_of(tensor) for tensor in (*read, *(t for t in self.outputs if ":" in t)))

    @property
    def whole(self) -> Graph:
        """The graph itself: for whoever looks at all of it at once, and is handed one that is watched."""
        return self

    def __getitem__(self, name: str) -> Node:
        return self.by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self.by_name

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def constant(self, tensor: str) -> Constant | None:
        """The value behind a tensor, if a Const makes it."""
        return self.constants.get(tensor) or self.constants.get(normal(tensor))

    def type_of(self, tensor: str) -> TensorType | None:
        """The inferred dtype and shape of a tensor; a Const's own is always known."""
        known = self.types.get(tensor) or self.types.get(normal(tensor))
        if known is None and (constant := self.constant(tensor)) is not None:
            return TensorType(dtype=dtype_name(constant.value), shape=constant.value.shape)
        return known

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """Node name -> its place among the nodes."""
        return MappingProxyType(dict(zip(self.by_name, range(len(self.nodes)), strict=True)))

    @cached_property
    def history(self) -> History:
        """How it came of other graphs, as far as that was followed."""
        return History()

    @cached_property
    def is_pruned(self) -> bool:
        """Whether it is known that :meth:`pruned` would take nothing away."""
        return False

    def pruned(self) -> Graph:
        """The same graph without the nodes that no output needs (Placeholders stay: they are the signature)."""
        if self.is_pruned:
            return self
        pruned = self._pruned()
        # in a circle each is read by another, though nobody needs them
        pruned.__dict__["is_pruned"] = all(node.op != "Merge" for node in pruned.nodes)
        return pruned

    def _pruned(self) -> Graph:
        needed: set[str] = set()
        stack = [node_of(tensor) for tensor in self.outputs]
        stack += [node.name for node in self.nodes if node.op == "Placeholder"]
        while stack:
            name = stack.pop()
            if name not in needed:
                needed.add(name)
                stack += self.by_name[name].reads
        if len(needed) == len(self.nodes):
            return self
        return self.unchecked(  # as it is, it is sound: all that is read is needed, and the order stays
            nodes=tuple(n for n in self.nodes if n.name in needed),
            outputs=self.outputs,
            constants={name: value for name, value in self.constants.items() if name in needed},
            types={tensor: t for tensor, t in self.types.items() if node_of(tensor) in needed},
            functions=self.functions,
        )

    def with_types(self, types: Mapping[str, TensorType]) -> Graph:
        """The same graph with other types: nothing needs to be checked anew, or looked up."""
        made = self._with("types", types)
        before = self.types
        other = {tensor for tensor, known in types.items() if before.get(tensor) is not known}
        other.update(before.keys() - types.keys())
        made.__dict__["history"] = History(self.history, Changed(tensors=other))
        return made

    def with_functions(self, functions: Mapping[str, FunctionBody]) -> Graph:
        """The same graph with other functions beside it; itself where there are none before and after."""
        return self._with("functions", functions) if functions or self.functions else self

    def _with(self, name: str, value: Mapping[str, object]) -> Graph:
        made = object.__new__(Graph)
        made.__dict__.update(self.__dict__, history=self.history)
        made.__dict__[name] = MappingProxyType(dict(value))
        made.__dict__.pop("all_constants", None)
        return made

    @staticmethod
    def unchecked(**parts: object) -> Graph:
        """A graph of these parts, for who has checked them, and knows others of its attributes as well."""
        made = object.__new__(Graph)
        for name, value in parts.items():
            made.__dict__[name] = MappingProxyType(value) if isinstance(value, dict) else value
        return made

    def fresh(self, wanted: str, taken: Iterable[str] = ()) -> str:
        """A node name that isn't used yet, made from the one wanted."""
        return unused_name(wanted, {*self.by_name, *taken})

    def places(self, name: str) -> Iterator[tuple[Graph, Node]]:
        """The nodes that may be meant by a name as the op check tells it: here, or ``function/node`` in a function."""
        for prefix, part in self.walk():
            node = part.by_name.get(name.removeprefix(f"{prefix}/") if prefix else name)
            if node is not None:
                yield part, node

    @cached_property
    def all_constants(self) -> Mapping[str, Constant]:
        """The constants of the graph and of its functions; those of one name are one, once names are plain."""
        found: dict[str, Constant] = {}
        for _, part in self.walk():
            found.update(part.constants)
        return MappingProxyType(found)

    def walk(self) -> Iterator[tuple[str, Graph]]:
        """This graph under the name ``""``, then each function's, by name."""
        yield "", self
        for name, body in self.functions.items():
            yield name, body.graph


def dtype_name(value: Array) -> str:
    """numpy dtype -> the name used here; strings and objects are ``string``."""
    return _name_of(value.dtype)


@cache
def _name_of(dtype: np.dtype[np.generic]) -> str:
    return "string" if dtype.kind in "OSU" else dtype.name


def _topological(by_name: Mapping[str, Node]) -> tuple[Node, ...]:
    """Inputs before readers, otherwise as given. A loop through NextIteration is legal and is cut there."""
    order: list[Node] = []
    state: dict[str, bool] = {}  # False: on the stack, True: placed
    placed: set[str] = set()
    for first in by_name.values():
        if first.name in state:
            continue
        if placed.issuperset(first.reads):
            state[first.name] = True
            placed.add(first.name)
            order.append(first)
            continue
        stack: list[tuple[Node, Iterator[str]]] = [(first, reads_before(first))]
        state[first.name] = False
        while stack:
            node, rest = stack[-1]
            for name in rest:
                if name not in state:
                    state[name] = False
                    child = by_name[name]
                    stack.append((child, reads_before(child)))
                    break
                if not state[name]:
                    raise GraphError(f"the graph runs in a circle through {name!r}")
            else:
                stack.pop()
                state[node.name] = True
                placed.add(node.name)
                order.append(node)
    return tuple(order)


def reads_before(node: Node) -> Iterator[str]:
    """The names of the nodes that must come before it."""
    # Merge closes a loop of TF1 control flow: its NextIteration input comes later by design.
    if node.op == "Merge":
        return iter((*node.reads[:1], *node.control))
    return iter(node.reads)
