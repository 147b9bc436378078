"""A function's graph put in the place of the node that runs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tfjsci.graph.graph import Constant, DType, FunctionBody, Graph, Node, TensorType, node_of, normal, unused_name
from tfjsci.rewrite.control.parts import led, output, without_nodes


def inlined(part: Graph, node: Node, turns: Sequence[FunctionBody], given: Sequence[str]) -> Graph:
    """``part`` with ``node`` gone, and in its place its function once for each of ``turns``, each given what the last made.

    The functions are no longer used by this; that they are still among the graph's is the caller's business.
    """
    made = _Made(part)
    tensors = list(given)
    for turn, body in enumerate(turns):
        prefix = node.name if len(turns) == 1 else f"{_short(node.name)}/{turn}"
        tensors = made.once(body, tensors, prefix, node)
    instead = {output(node, i): tensor for i, tensor in enumerate(tensors)}
    outputs = [_own(part, made, instead, tensor) for tensor in part.outputs]
    before = next(i for i, each in enumerate(part.nodes) if each.name == node.name)
    whole = replace(
        part,
        nodes=(*part.nodes[:before], *made.nodes, *part.nodes[before:]),
        constants={**part.constants, **made.constants},
        types={**part.types, **made.types},
        outputs=tuple(outputs),
    )
    return without_nodes(led(whole, instead), [node.name]).pruned()


def _short(name: str) -> str:
    """The end of a loop's name: names are most of what a turn costs the download, and ``origin`` has the layers."""
    return "/".join(name.split("/")[-2:])


def _own(part: Graph, made: _Made, instead: Mapping[str, str], tensor: str) -> str:
    """An output of the graph: a node of its own where it would be an input, a weight, or one that is given out already."""
    tensor = normal(tensor)
    if tensor not in instead:
        return tensor
    through = instead[tensor]
    maker = node_of(through)
    at_hand = maker in part and part[maker].op in {"Placeholder", "Const"}
    if not (at_hand or maker in made.constants or through in part.outputs or list(instead.values()).count(through) > 1):
        return through
    return made.identity(through, part)


class _Made:
    """New nodes for a part, under names that aren't taken there."""

    def __init__(self, part: Graph) -> None:
        self._taken = set(part.by_name)
        self._part = part
        self._copies: dict[int, str] = {}
        self.nodes: list[Node] = []
        self.constants: dict[str, Constant] = {}
        self.types: dict[str, TensorType] = {}

    def once(self, body: FunctionBody, given: Sequence[str], prefix: str, node: Node) -> list[str]:
        """The tensors that the function gives for these."""
        names: dict[str, str] = {}
        inputs = dict(zip(body.inputs, given, strict=True))

        def inside(tensor: str) -> str:
            name, _, index = tensor.partition(":")
            return inputs[name] if name in inputs else normal(f"{names[name]}:{index or 0}")

        for each in body.graph.nodes:
            if each.name in inputs:
                continue
            constant = body.graph.constants.get(each.name)
            if constant is not None and id(constant) in self._copies:
                names[each.name] = self._copies[id(constant)]
                continue
            name = self._name(each.name if constant is not None else f"{prefix}/{each.name.rpartition('/')[2]}")
            names[each.name] = name
            if constant is not None:
                self.constants[name] = constant
                self._copies[id(constant)] = name
            origin = each.origin or node.origin
            self.nodes.append(
                replace(each, name=name, inputs=tuple(map(inside, each.inputs)), control=(), origin=origin)
            )
        for tensor, known in body.graph.types.items():
            if node_of(tensor) in names:
                self.types[inside(tensor)] = known
        return [inside(tensor) for tensor in body.graph.outputs]

    def identity(self, tensor: str, part: Graph) -> str:
        known = part.type_of(tensor) or self.types.get(tensor)
        name = self._name(f"{node_of(tensor)}/output")
        attrs = {} if known is None else {"T": DType(known.dtype)}
        self.nodes.append(Node(name=name, op="Identity", inputs=(tensor,), attrs=attrs))
        return name

    def _name(self, wanted: str) -> str:
        name = unused_name(wanted, self._taken)
        self._taken.add(name)
        return name
