"""A GraphDef while its control flow is made functional: its nodes by name, and how a part of them becomes a function."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tfjsci.errors import ConversionFailed
from tfjsci.graph.functiondef import graphdef_to_function
from tfjsci.graph.graph import FunctionBody, normal, unused_name
from tfjsci.graph.graphdef import from_graphdef
from tfjsci.graph.tensorflow import tensorflow

SWITCHES = frozenset({"Switch", "RefSwitch"})
MERGES = frozenset({"Merge", "RefMerge"})
ENTERS = frozenset({"Enter", "RefEnter"})
EXITS = frozenset({"Exit", "RefExit"})
TURNS = frozenset({"NextIteration", "RefNextIteration"})
FIRST = SWITCHES | MERGES | ENTERS | EXITS | TURNS | {"LoopCond"}
"""The ops of TensorFlow 1's control flow."""


@dataclass
class Draft:
    """``types`` are the dtypes of tensors, as protobuf's numbers, by ``node`` or ``node:1``; ``fetch`` the nodes that are wanted.

    All of it is changed in place.
    """

    graphdef: Any
    types: dict[str, int]
    fetch: Sequence[str]
    nodes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.nodes = {node.name: node for node in self.graphdef.node}

    def maker(self, tensor: str) -> Any:
        """The node that a tensor comes from."""
        return self.nodes[tensor.lstrip("^").partition(":")[0]]

    def added(self, wanted: str, op: str, inputs: Sequence[str]) -> Any:
        """A new node under the name wanted, or the first like it that isn't taken."""
        node = type(self.graphdef)().node.add(name=unused_name(wanted, self.nodes), op=op, input=inputs)
        self.nodes[node.name] = node
        return node

    def hand_on(self, node: Any, tensor: str) -> None:
        """Make ``node`` an Identity of ``tensor``, so that whoever reads it needn't be changed."""
        dtype = self.types[node.name]
        node.op = "Identity"
        del node.input[:]
        node.input.append(tensor)
        node.attr.clear()
        node.attr["T"].type = dtype

    def refuse_asking(self, merges: Iterable[str]) -> None:
        """Raise ``ConversionFailed`` where the second output of one of these Merges is read: which of its inputs came."""
        asked = {f"{name}:1" for name in merges}
        for node in self.nodes.values():
            if found := asked & set(self.inputs(node)):
                raise ConversionFailed(
                    f"{node.op} {node.name} asks which side the branch at {found.pop().partition(':')[0]} took",
                    hint="Let both sides return a number that says so.",
                )

    def reach(
        self, tensors: Collection[str], stop: Callable[[str], bool], *, control: bool = False
    ) -> tuple[set[str], set[str]]:
        """The nodes that ``tensors`` are made of, and the tensors at which it was stopped; those are looked no further behind."""
        nodes: set[str] = set()
        stopped: set[str] = set()
        pending = list(tensors)
        while pending:
            tensor = pending.pop()
            if stop(tensor):
                stopped.add(tensor)
                continue
            node = self.maker(tensor)
            if node.name not in nodes:
                nodes.add(node.name)
                pending += self.inputs(node, control=control)
        return nodes, stopped

    def inputs(self, node: Any, *, control: bool = False) -> Iterator[str]:
        """What a node reads; the names of nodes that only run before it with ``^`` in front."""
        for tensor in node.input:
            if control or not tensor.startswith("^"):
                yield normal(tensor)

    def constant_alone(self, name: str) -> bool:
        """Whether a node is made of Consts and nothing else."""
        nodes, _ = self.reach([name], lambda _: False)
        return all(self.nodes[each].op == "Const" or list(self.inputs(self.nodes[each])) for each in nodes)

    def function(
        self,
        wanted: str,
        results: Sequence[str | int],
        inside: Collection[str],
        arguments: Sequence[str],
        places: Mapping[str, int],
    ) -> str:
        """A function of the library that computes ``results`` with copies of the nodes ``inside``; returns its name.

        ``arguments`` are tensors outside of the same dtypes; ``places``: tensors inside, each the number of its argument. A
        result that is a number is that argument.
        """
        out = type(self.graphdef)()
        names: list[str] = []
        for tensor in arguments:
            name = unused_name(f"argument_{len(names)}", {*inside, *names})
            made = out.node.add(name=name, op="Placeholder")
            made.attr["dtype"].type = self.types[tensor]
            made.attr["shape"].shape.unknown_rank = True
            names.append(name)

        def known(tensor: str) -> str:
            return names[places[tensor]] if tensor in places else tensor

        for name in self.nodes:
            if name in inside:
                copied = out.node.add()
                copied.CopyFrom(self.nodes[name])
                del copied.input[:]
                copied.input.extend(known(tensor) for tensor in self.inputs(self.nodes[name]))
        types = {name: self.types[tensor] for name, tensor in zip(names, arguments, strict=True)}
        outputs = [names[result] if isinstance(result, int) else known(result) for result in results]
        types |= {output: self.types[output] for output in outputs if output not in types}
        library = {function.signature.name for function in self.graphdef.library.function}
        body = FunctionBody(
            name=unused_name(wanted.replace("/", "_"), library),
            inputs=tuple(names),
            graph=from_graphdef(out, outputs=outputs),
        )
        self.graphdef.library.function.append(graphdef_to_function(body, out, types))
        return body.name

    def prune(self) -> None:
        """Forget what is neither needed nor has to run before what is."""
        needed, _ = self.reach(self.fetch, lambda _: False, control=True)
        self.nodes = {name: node for name, node in self.nodes.items() if name in needed}

    def settle(self) -> None:
        """Write the nodes that are needed back to the GraphDef."""
        needed, _ = self.reach(self.fetch, lambda _: False)
        del self.graphdef.node[:]
        self.graphdef.node.extend(node for name, node in self.nodes.items() if name in needed)


def open_shapes(node: Any, count: int) -> None:
    """Say of each output that its shape is unknown."""
    shapes = node.attr["output_shapes"].list
    shapes.SetInParent()
    for _ in range(count):
        shapes.shape.add().unknown_rank = True


def variant() -> int:
    """The dtype of a list."""
    return int(tensorflow().variant.as_datatype_enum)
