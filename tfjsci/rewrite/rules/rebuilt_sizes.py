"""f(sizes of y)  ->  g(sizes of x)

where x is the input (or whatever else the sizes come from), and g takes fewer ops than f, or as many, but is what is made of
these sizes everywhere, so that it is made once. Keras reads the batch anew from each layer's input, and multiplies what another
layer has divided.
"""

from __future__ import annotations

from tfjsci.graph.graph import DType, Graph, Node, node_of
from tfjsci.rewrite.build import Tensor, UnknownShapeError
from tfjsci.rewrite.pattern import Match, op
from tfjsci.rewrite.rule import BehindNewRoot, Declined, NewConst, NewNode, NewOutput, Replacement, Rule, Source
from tfjsci.rewrite.symbolic.asked import Values
from tfjsci.rewrite.symbolic.rebuilt import Rebuilding, new_nodes
from tfjsci.rewrite.symbolic.size import Atom, Call, Size
from tfjsci.rewrite.symbolic.sizes import Sizes, sizes_of
from tfjsci.rewrite.symbolic.values import RECKONING

_MOST = 100
"""Nodes looked at behind one result: sums of sizes are short."""


def rewrite(match: Match) -> Replacement | Declined:
    """The same numbers, each from where it comes from."""
    graph, root, sizes = match.graph, match.root, sizes_of(match.graph)
    values = sizes.value(root.name)
    known = graph.type_of(root.name)
    if values is None or known is None or known.dtype != "int32" or values.ndim > 1 or not values.size:
        return Declined(reason="it isn't a small int32 vector or scalar", moot=True)
    if all(isinstance(number, int) for number in values.reshape(-1)):
        return Declined(reason="every number is known: it is a constant", moot=True)
    if any(atom.tensor == root.name for atom in _atoms(values) if not isinstance(atom, Call)):
        return Declined(reason="some of its numbers come from nowhere else", moot=True)
    if not _is_last(graph, root, sizes):
        return Declined(reason="it is reckoned with further", moot=True)
    try:
        made = _made(graph, values)
    except UnknownShapeError as unknown:
        return Declined(reason=str(unknown))
    if made.source == root.name:
        return Declined(reason="it is the shape that the others are read from", moot=True)
    if not isinstance(made.source, NewNode):  # a tensor that is there already
        attrs = {"T": DType(known.dtype)}
        return Replacement(root=NewNode(name="", op="Identity", inputs=(made.source,), attrs=attrs))
    new = new_nodes(made.source)
    used = {node_of(source) for node in new for source in node.inputs if isinstance(source, str)}
    if root.name in used:
        return Declined(reason="it is the shape that the others are read from", moot=True)
    going = _only_for(graph, root, used)
    if len(new) > len(going):
        return Declined(reason=f"it would take {len(new)} ops instead of {len(going)}")
    forms = _Forms(graph, used)
    if len(new) == len(going) and forms.of(root.name) == forms.of(made.source):
        return Declined(reason="there is no shorter way to it", moot=True)
    return Replacement(root=made.source)


def _atoms(values: Values) -> set[Atom]:
    """All that the numbers are made of."""
    return {atom for number in values.reshape(-1) if isinstance(number, Size) for atom in number.atoms}


def _made(graph: Graph, values: Values) -> Tensor:
    rebuilding = Rebuilding(graph)
    return rebuilding.scalar(values.item()) if values.ndim == 0 else rebuilding.vector(list(values))


def _is_last(graph: Graph, node: Node, sizes: Sizes) -> bool:
    """Whether somebody reads it who doesn't reckon with it further."""
    if node.name in graph.outputs:
        return True
    return any(
        reader.op not in RECKONING or sizes.value(reader.name) is None for reader in graph.readers.get(node.name, ())
    )


def _only_for(graph: Graph, root: Node, used: set[str]) -> set[str]:
    """The root and the nodes that nobody else needs, constants and inputs aside; what will be ``used`` stays."""
    outputs = {node_of(tensor) for tensor in graph.outputs} | used
    found = {root.name}
    stack = list(root.inputs)
    while stack and len(found) < _MOST:
        node = graph[node_of(stack.pop())]
        if node.name in found or node.name in outputs or node.op in ("Const", "Placeholder"):
            continue
        if all(reader.name in found for reader in graph.readers[node.name]):
            found.add(node.name)
            stack += node.inputs
    return found


class _Forms:
    """How tensors are made, down to Shapes, constants and what is ``used``: the same number for two that are made alike."""

    def __init__(self, graph: Graph, used: set[str]) -> None:
        self._graph, self._used = graph, used
        self._numbers: dict[tuple[object, ...], int] = {}
        self._known: dict[object, int] = {}
        self._depth = 0

    def of(self, source: Source) -> int:
        key = source if isinstance(source, str) else id(source)
        if key not in self._known:
            self._depth += 1
            self._known[key] = self._numbers.setdefault(self._form(source), len(self._numbers))
            self._depth -= 1
        return self._known[key]

    def _form(self, source: Source) -> tuple[object, ...]:
        value = self._graph.constant(source) if isinstance(source, str) else None
        if isinstance(source, NewConst):
            value = source.constant
        if value is not None:
            return ("Const", value.value.shape, value.value.tobytes())
        if isinstance(source, NewOutput):
            return ("output", source.index, self.of(source.node))
        assert not isinstance(source, (NewConst, BehindNewRoot)), (
            "a constant has a value, and this rule plans for no other root"
        )
        node = source if isinstance(source, NewNode) else self._graph[node_of(source)]
        if node.op == "Shape":
            return ("Shape", node.inputs[0])
        is_end = node.name in self._used or node.op not in RECKONING or self._depth > _MOST
        if isinstance(source, str) and is_end:
            return ("tensor", source)
        return (node.op, *map(self.of, node.inputs))


RULE = Rule(
    name="rebuilt_sizes",
    equation="f(sizes of y) -> g(sizes of x)",
    pattern=op("|".join(sorted(RECKONING)), name="root"),
    rewrite=rewrite,
    where="g takes no more ops than f, and y is computed from x",
)
