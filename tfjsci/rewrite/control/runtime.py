"""Loops and branches as the runtime needs them, which frees tensors by rules of its own.

After a function it frees every tensor of it that the function wasn't given, doesn't give back and that is no weight; after a
turn of a loop, what the turn before gave and this one doesn't. So

- what is written into a list is given back, through all functions around it: as a variable more of a loop, an output more of
  a branch. The list keeps it from then on.
- a weight is never given back itself, since the loop would free it: an Identity makes a tensor of its own of it.
- a function gives back one output of a node only, since the runtime remembers one for each node: others through an Identity.
- two lists that begin alike are two: writing changes a list in place, where TensorFlow makes a new one.

Source: tfjs-converter's ``executor/graph_executor`` and ``operations/executors/control_executor`` (4.22.0).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from tfjsci.graph.calls import IFS, LOOPS, bodies, dtypes, shapes
from tfjsci.graph.graph import (
    Constant,
    DType,
    FunctionBody,
    Graph,
    Node,
    ShapeAttr,
    TensorType,
    index_of,
    node_of,
    normal,
)
from tfjsci.rewrite.control.added import Added
from tfjsci.rewrite.control.parts import output

WRITTEN = {"TensorListSetItem": 2, "TensorListPushBack": 1}
"""Ops that put a tensor into a list, and which of their inputs it is."""

LISTS = frozenset({"TensorListReserve", "EmptyTensorList"})
"""Ops that make an empty list."""

_STATELESS = {"While": "StatelessWhile", "If": "StatelessIf"}


def for_the_runtime(graph: Graph) -> Graph:
    """The graph, whose types are known, with functions that the runtime runs right."""
    if not graph.functions:
        return graph
    settled = _Settled(graph)
    main, _ = settled.part(replace(graph, functions={}), inside=False)
    return replace(main, functions=settled.functions)


@dataclass
class _Settled:
    graph: Graph
    functions: dict[str, FunctionBody] = field(default_factory=dict)

    def part(self, part: Graph, *, inside: bool) -> tuple[Graph, list[str]]:
        """A part that is done, and the tensors of it that lists hold which it didn't make."""
        part = _lists_apart(part)
        part, held = _written(part)
        for name in [node.name for node in part.nodes if bodies(self.graph, node)]:
            node = part[name]
            functions = bodies(self.graph, node)
            if node.op in LOOPS:
                part, more = self._loop(part, node, functions["cond"], functions["body"], inside=inside)
            else:
                part, more = self._branch(part, node, functions)
            if inside:
                part, more = _as_nodes(part, more)
            held += more
        return _own_outputs(part, held, inside=inside), held

    def _loop(
        self, part: Graph, node: Node, cond: FunctionBody, body: FunctionBody, *, inside: bool
    ) -> tuple[Graph, list[str]]:
        graph, held = self.part(body.graph, inside=True)
        outputs, inputs = list(graph.outputs), list(body.inputs)
        given, types = list(node.inputs), list(dtypes(node, "T"))
        known = list(shapes(node)) or [ShapeAttr(None)] * len(types)
        asking, _ = self.part(cond.graph, inside=True)
        asked = list(cond.inputs)
        added = Added(part)
        here = []
        for tensor in dict.fromkeys(held):
            if tensor in body.inputs:
                here.append(given[body.inputs.index(tensor)])
                continue
            if tensor in outputs:
                here.append(output(node, outputs.index(tensor)))
                continue
            dtype = _dtype(graph, tensor)
            here.append(output(node, len(outputs)))
            added.type(here[-1], _unknown(dtype))
            outputs.append(tensor)
            graph, name = _with_argument(graph, dtype)
            inputs.append(name)
            asking, name = _with_argument(asking, dtype)
            asked.append(name)
            given.append(_anything(added, dtype, node, inside=inside))
            types.append(dtype)
            known.append(ShapeAttr(None))
        self.functions[body.name] = replace(body, graph=replace(graph, outputs=tuple(outputs)), inputs=tuple(inputs))
        self.functions[cond.name] = replace(cond, graph=asking, inputs=tuple(asked))
        attrs = {**node.attrs, "T": tuple(types), "output_shapes": tuple(known)}
        changed = replace(node, op=_STATELESS.get(node.op, node.op), inputs=tuple(given), attrs=attrs)
        return added.first(changed), here

    def _branch(self, part: Graph, node: Node, functions: dict[str, FunctionBody]) -> tuple[Graph, list[str]]:
        types = list(dtypes(node, "Tout"))
        known = list(shapes(node)) or [ShapeAttr(None)] * len(types)
        made = {role: self.part(body.graph, inside=True) for role, body in functions.items()}
        graphs = {role: graph for role, (graph, _) in made.items()}
        here: list[str] = []
        around = Added(part)
        for role, (_, held) in made.items():
            for tensor in dict.fromkeys(held):
                body, outputs = functions[role], graphs[role].outputs
                if tensor in body.inputs:
                    here.append(node.inputs[1 + body.inputs.index(tensor)])
                    continue
                if tensor in outputs:
                    here.append(output(node, outputs.index(tensor)))
                    continue
                dtype = _dtype(graphs[role], tensor)
                here.append(output(node, len(types)))
                around.type(here[-1], _unknown(dtype))
                types.append(dtype)
                known.append(ShapeAttr(None))
                graphs = {
                    other: _giving(graph, tensor) if other == role else _giving_anything(graph, dtype, node)
                    for other, graph in graphs.items()
                }
        for role, body in functions.items():
            self.functions[body.name] = replace(body, graph=graphs[role])
        attrs = {**node.attrs, "Tout": tuple(types), "output_shapes": tuple(known)}
        op = _STATELESS.get(node.op, node.op) if node.op in IFS else node.op
        return around.first(replace(node, op=op, attrs=attrs)), here


def _giving(graph: Graph, tensor: str) -> Graph:
    """With an output more."""
    return replace(graph, outputs=(*graph.outputs, tensor))


def _giving_anything(graph: Graph, dtype: DType, node: Node) -> Graph:
    """With an output more that nobody looks at, in the place of what another branch gives."""
    added = Added(graph)
    nothing = _anything(added, dtype, node, inside=True)
    return _giving(added.first(), nothing)


def _unknown(dtype: DType) -> TensorType:
    """Of that dtype, of whatever shape."""
    return TensorType(dtype=dtype.name, shape=None)


def _anything(added: Added, dtype: DType, node: Node, *, inside: bool) -> str:
    """A scalar of that dtype, whose value nobody reads. In a function it is no weight, as it may be given back."""
    kind = np.dtype(dtype.name) if dtype.name != "string" else np.dtype(object)
    zero = np.zeros((), dtype=kind) if dtype.name != "string" else np.array(b"", dtype=object)
    nothing = added.constant(node, "nothing", Constant(value=zero))
    if not inside:
        return nothing
    scalar = added.integers(node, "scalar", [])
    return added.put(node, "unread", "Fill", scalar, nothing, T=dtype, index_type=DType("int32"))


def _lists_apart(part: Graph) -> Graph:
    """An empty list for each of its readers."""
    copies: list[Node] = []
    instead: dict[tuple[str, int], str] = {}
    for node in part.nodes:
        if node.op not in LISTS:
            continue
        places = [
            (reader.name, i)
            for reader in part.readers.get(node.name, ())
            for i, tensor in enumerate(reader.inputs)
            if normal(tensor) == node.name
        ]
        for place in places[1:]:
            copy = replace(node, name=part.fresh(f"{node.name}/apart", [each.name for each in copies]))
            copies.append(copy)
            instead[place] = copy.name
    if not copies:
        return part
    nodes = tuple(
        replace(node, inputs=tuple(instead.get((node.name, i), tensor) for i, tensor in enumerate(node.inputs)))
        for node in part.nodes
    )
    types = {copy.name: known for copy in copies if (known := part.type_of(copy.name.rpartition("/apart")[0]))}
    return replace(part, nodes=(*copies, *nodes), types={**part.types, **types})


def _written(part: Graph) -> tuple[Graph, list[str]]:
    """What the part itself writes into lists; what is one output of several of a node is made a node of its own before."""
    held: list[str] = []
    for node in [node for node in part.nodes if node.op in WRITTEN]:
        place = WRITTEN[node.op]
        tensor = normal(node.inputs[place])
        if _of_several(part, tensor):
            part, tensor = _through_identity(part, tensor, (node.name, place))
        held.append(tensor)
    return part, held


def _as_nodes(part: Graph, tensors: Iterable[str]) -> tuple[Graph, list[str]]:
    """Tensors that loops and branches give, each through a node of its own, since one node gives one only."""
    made: list[str] = []
    for tensor in tensors:
        name = tensor
        if part[node_of(tensor)].op not in {"Placeholder", "Const"} and _of_several(part, tensor):
            name = part.fresh(f"{node_of(tensor)}/held")
            known = part.type_of(tensor)
            node = Node(name=name, op="Identity", inputs=(tensor,), attrs={"T": _dtype(part, tensor)})
            types = {**part.types, **({name: known} if known else {})}
            part = replace(part, nodes=(*part.nodes, node), types=types)
        made.append(name)
    return part, made


def _own_outputs(part: Graph, held: Iterable[str], *, inside: bool) -> Graph:
    """Outputs that the runtime can hand out, and that whoever gets them may free."""
    given = Counter(node_of(tensor) for tensor in dict.fromkeys([*map(normal, part.outputs), *held]))
    for i, tensor in enumerate(map(normal, part.outputs)):
        maker = part[node_of(tensor)]
        weight = inside and maker.op == "Const"
        several = inside and given[maker.name] > 1
        begun = maker.op in LOOPS and part.constant(maker.inputs[index_of(tensor)]) is not None
        if weight or several or begun:
            part, _ = _through_identity(part, tensor, i)
    return part


def _through_identity(part: Graph, tensor: str, reader: tuple[str, int] | int) -> tuple[Graph, str]:
    """An Identity between ``tensor`` and one input of a node, or one output of the part."""
    name = part.fresh(f"{node_of(tensor)}/kept")
    made = Node(
        name=name,
        op="Identity",
        inputs=(tensor,),
        attrs={"T": _dtype(part, tensor)},
        origin=part[node_of(tensor)].origin,
    )
    nodes, outputs = list(part.nodes), list(part.outputs)
    if isinstance(reader, int):
        outputs[reader] = name
    else:
        at = next(i for i, node in enumerate(nodes) if node.name == reader[0])
        inputs = list(nodes[at].inputs)
        inputs[reader[1]] = name
        nodes[at] = replace(nodes[at], inputs=tuple(inputs))
    types = {**part.types, **({name: known} if (known := part.type_of(tensor)) else {})}
    return replace(part, nodes=(made, *nodes), outputs=tuple(outputs), types=types), name


def _of_several(part: Graph, tensor: str) -> bool:
    """Whether the node that makes it has other outputs, too."""
    name = node_of(tensor)
    return tensor != name or part.type_of(f"{name}:1") is not None


def _with_argument(part: Graph, dtype: DType) -> tuple[Graph, str]:
    """A Placeholder more, which nothing reads."""
    name = part.fresh("held")
    made = Node(name=name, op="Placeholder", attrs={"dtype": dtype, "shape": ShapeAttr(None)})
    return replace(part, nodes=(*part.nodes, made)), name


def _dtype(part: Graph, tensor: str) -> DType:
    known = part.type_of(tensor)
    assert known is not None, f"the dtype of {tensor} isn't known"
    return DType(known.dtype)
