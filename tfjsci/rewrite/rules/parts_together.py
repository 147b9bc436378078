"""f(Split(x)[i]), f(Split(x)[j]), …  ->  Split(f(x))[i], Split(f(x))[j], …

where f works element by element: with a number besides, or with the same part of another tensor that is split alike. A GRU's
two gates take one sum and one Sigmoid so. One part may be left that isn't computed so: it is, in vain, and cut out of x by
itself. It is done where that is fewer kernels, the copies of parts among them: the three of an LSTM's gates that take a Sigmoid
stay three, as to cut out the fourth costs what is saved. (Nor is there anything to save where these three are side by side.)
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from tfjsci.graph.graph import DType, Graph, Node, Shape, index_of, node_of
from tfjsci.rewrite.pattern import Match, any_tensor, op
from tfjsci.rewrite.rule import Declined, NewNode, NewOutput, Replacement, Rule, kept

OPS = (
    "Add|AddV2|ClipByValue|Elu|Erf|Exp|LeakyRelu|Maximum|Minimum|Mul|Neg|RealDiv|Relu|Relu6|Selu|Sigmoid|Softplus|Sqrt|"
    "Square|Sub|Tanh"
)

MOST = 8_192
"""Numbers in all parts, as far as sizes are known: of many more, to compute one in vain takes longer than to start a kernel."""

_SLICE = 2
"""A kernel, and what it copies: so a Split of n parts is 1 + n."""

_DATA = {"Split": 1, "SplitV": 0}


@dataclass(frozen=True, kw_only=True)
class _Operands:
    """Part ``index`` of some Splits, and numbers: ``wholes`` are the names of either, in order."""

    wholes: tuple[str, ...]
    splits: tuple[Node, ...]
    index: int


def rewrite(match: Match) -> Replacement | Declined:
    """A part of the whole's f. The wholes of all parts are the same, and become one."""
    graph, root = match.graph, match.root
    own = _operands(graph, root) if root.attrs.get("T") == DType("float32") else None
    if own is None:
        return Declined(reason="it isn't computed of parts of the same place, and numbers", moot=True)
    peers = _peers(graph, root, own)
    split, parts = own.splits[0], len(set(peers.values()))
    count = _count(split)
    if parts < 2:
        return Declined(reason="no other part is computed alike", moot=True)
    if len({_cuts(graph, each) for each in own.splits}) > 1 or _cuts(graph, split) is None:
        return Declined(reason="the other operand isn't split alike, as far as the sizes are known")
    if parts < count - 1:
        return Declined(reason=f"{parts} of {count} parts are computed alike: more than one would be in vain")
    left = [_read_by_others(graph, each, peers) for each in own.splits]
    if max(map(len, left)) > 1:
        return Declined(reason="more than one part is wanted as it is")
    before = len(peers) + len(own.splits) * (1 + count)
    if before <= 1 + (1 + count) + _SLICE * sum(map(len, left)):
        return Declined(reason="the part that is wanted as it is costs as much as is saved")
    if parts < count and any(_large(graph, each) for each in own.splits):
        return Declined(reason="a part would be computed in vain, and it is large")
    wholes = {each.name: each.inputs[_DATA[each.op]] for each in own.splits}
    whole = NewNode(name="", op=root.op, inputs=tuple(wholes.get(each, each) for each in own.wholes), attrs=kept(root))
    inputs = (whole if i == _DATA[split.op] else tensor for i, tensor in enumerate(split.inputs))
    anew = NewNode(name="", op=split.op, inputs=tuple(inputs), attrs=kept(split))
    part = NewOutput(node=anew, index=own.index)
    return Replacement(root=NewNode(name=root.name, op="Identity", inputs=(part,), attrs={"T": root.attrs["T"]}))


def _operands(graph: Graph, node: Node) -> _Operands | None:
    """What ``node`` reads, or None where that is something else as well."""
    wholes, splits, places = [], {}, set()
    for tensor in node.inputs:
        made, constant = graph[node_of(tensor)], graph.constant(tensor)
        if made.op in _DATA and not made.control:
            splits[made.name] = made
            places.add(index_of(tensor))
        elif constant is None or constant.value.ndim:
            return None
        wholes.append(made.name)
    if len(places) != 1 or node.control:
        return None
    return _Operands(wholes=tuple(wholes), splits=tuple(splits.values()), index=places.pop())


def _peers(graph: Graph, root: Node, own: _Operands) -> dict[str, int]:
    """The nodes that do the same to a part of the same, ``root`` among them, and which part."""
    found = {}
    for node in graph.readers[own.splits[0].name]:
        if node.op == root.op and node.attrs == root.attrs:
            operands = _operands(graph, node)
            if operands is not None and operands.wholes == own.wholes:
                found[node.name] = operands.index
    return found


def _cuts(graph: Graph, split: Node) -> tuple[int, ...] | None:
    """The rank of what is split, the axis, and the sizes of the parts; None where they aren't known."""
    shape, axis = _shape(graph, split), graph.constant(split.inputs[0 if split.op == "Split" else 2])
    if shape is None or axis is None:
        return None
    along, count = int(axis.value.reshape(-1)[0]) % len(shape), _count(split)
    size = shape[along]
    if split.op == "Split":
        sizes = None if size is None else [size // count] * count
    else:
        given = graph.constant(split.inputs[1])
        sizes = None if given is None else [int(each) for each in given.value.reshape(-1)]
    return None if sizes is None or min(sizes) < 0 else (len(shape), along, *sizes)


def _read_by_others(graph: Graph, split: Node, peers: dict[str, int]) -> set[int]:
    """The parts that others read, or that are outputs."""
    read = [tensor for reader in graph.readers[split.name] if reader.name not in peers for tensor in reader.inputs]
    return {index_of(tensor) for tensor in (*read, *graph.outputs) if node_of(tensor) == split.name}


def _large(graph: Graph, split: Node) -> bool:
    """Whether there is so much of it, as far as is known: the batch is one where it isn't."""
    shape = _shape(graph, split)
    return shape is None or None in shape[1:] or prod(size or 1 for size in shape) > MOST


def _count(split: Node) -> int:
    count = split.attrs["num_split"]
    assert isinstance(count, int), f"{split.name}: num_split is {count!r}"
    return count


def _shape(graph: Graph, split: Node) -> Shape:
    known = graph.type_of(split.inputs[_DATA[split.op]])
    return None if known is None else known.shape


RULE = Rule(
    name="parts_together",
    equation="f(Split(x)[i]), f(Split(x)[j]), ... -> Split(f(x))",
    pattern=op(OPS, any_tensor("part"), name="f"),
    rewrite=rewrite,
    where="f works element by element, of one part at most in vain, and fewer are computed and copied then",
)
