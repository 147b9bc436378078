"""Along which dimensions of a weight its output channels lie, by who reads it: each channel may have a scale of its own.

Layouts are TensorFlow's: Conv2D [height, width, in, out], DepthwiseConv2dNative [height, width, in, multiplier], the transposed
convolutions [height, width, out, in], Conv3D and its transposed one with a depth before these, MatMul [in, out] or turned round.
In a product of batches each matrix of the weight has its own channels; of a table from which rows are gathered, each row is one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tfjsci.graph.graph import Graph, Node, node_of, normal

Axes = tuple[int, ...]


def channel_axes(graph: Graph, name: str) -> Axes | None:
    """The channel dimensions of the weight ``name``, ascending; None where its readers have none, or not the same ones.

    Looks into the graph's functions, too: a weight of the same name there is the same.
    """
    found: set[Axes | None] = set()
    for _, part in graph.walk():
        if name not in part.constants:
            continue
        if name in map(node_of, part.outputs):
            return None
        rank = part.constants[name].value.ndim
        for node in part.readers.get(name, ()):
            found |= {
                _axes(part, node, place, rank) for place, tensor in enumerate(node.inputs) if normal(tensor) == name
            }
    return found.pop() if len(found) == 1 else None


def _axes(graph: Graph, node: Node, place: int, rank: int) -> Axes | None:
    if node.op in _LOOKED_THROUGH:
        return _axes_behind(graph, node, place, rank)
    known = _OPS.get((node.op, place))
    axes = known(graph, node, rank) if known else None
    return axes if axes and all(0 <= axis < rank for axis in axes) else None


def _axes_behind(graph: Graph, node: Node, place: int, rank: int) -> Axes | None:
    """Those of what is made of weights, by who reads that (``rewrite/of_weights.py``): put together, scaled, or cut."""
    if node.name in map(node_of, graph.outputs):
        return None
    packs = node.op == "Pack"
    if packs and node.attrs.get("axis", 0) != 0:
        return None
    if not packs and place != 0:
        return None
    if node.op == "Mul" and graph.constant(node.inputs[1]) is None:
        return None
    found = {
        _axes(graph, reader, at, rank + packs)
        for reader in graph.readers.get(node.name, ())
        for at, tensor in enumerate(reader.inputs)
        if normal(tensor) == node.name
    }
    axes = found.pop() if len(found) == 1 else None
    if axes is None or not packs:
        return axes
    return tuple(axis - 1 for axis in axes if axis) if 0 in axes else None


_LOOKED_THROUGH = frozenset({"Mul", "Pack", "Slice"})

_Rule = Callable[[Graph, Node, int], Axes]


def _along(*axes: int) -> _Rule:
    """Always these, counted from the last dimension where they are negative."""
    return lambda _graph, _node, rank: tuple(sorted(axis % rank for axis in axes))


def _matrix(turned: str, *, first: bool = False) -> _Rule:
    """All dimensions but the one that is summed over; ``turned`` is the attribute that swaps the last two."""

    def axes(_graph: Graph, node: Node, rank: int) -> Axes:
        summed = rank - 1 if bool(node.attrs.get(turned)) != first else rank - 2
        return tuple(axis for axis in range(rank) if axis != summed)

    return axes


def _gathered(graph: Graph, node: Node, rank: int) -> Axes:
    """The dimension that is gathered along, and the batch's."""
    axis = graph.constant(node.inputs[2]) if len(node.inputs) > 2 else None
    if len(node.inputs) > 2 and axis is None:
        return ()
    place = int(axis.value.reshape(-1)[0]) % rank if axis is not None and axis.value.size and rank else 0
    batch = node.attrs.get("batch_dims", 0)
    return (*range(batch % rank), place) if isinstance(batch, int) and rank else ()


_LAST, _LAST_BUT_ONE = _along(-1), _along(-2)
_OPS: Mapping[tuple[str, int], _Rule] = {
    ("Conv2D", 1): _LAST,
    ("_FusedConv2D", 1): _LAST,
    ("Conv3D", 1): _LAST,
    ("DepthwiseConv2dNative", 1): _along(-2, -1),
    ("FusedDepthwiseConv2dNative", 1): _along(-2, -1),
    ("_FusedDepthwiseConv2dNative", 1): _along(-2, -1),
    ("Conv2DBackpropInput", 1): _LAST_BUT_ONE,
    ("Conv3DBackpropInputV2", 1): _LAST_BUT_ONE,
    ("MatMul", 0): _matrix("transpose_a", first=True),
    ("MatMul", 1): _matrix("transpose_b"),
    ("_FusedMatMul", 0): _matrix("transpose_a", first=True),
    ("_FusedMatMul", 1): _matrix("transpose_b"),
    ("BatchMatMul", 0): _matrix("adj_x", first=True),
    ("BatchMatMul", 1): _matrix("adj_y"),
    ("BatchMatMulV2", 0): _matrix("adj_x", first=True),
    ("BatchMatMulV2", 1): _matrix("adj_y"),
    ("Gather", 0): _along(0),
    ("GatherV2", 0): _gathered,
}
"""By op and the place at which it reads the weight."""
