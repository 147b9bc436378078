"""Tile(x, times)  ->  Reshape(Tile(Reshape(x)));   BroadcastTo alike

above four dimensions, where webgpu reads what is repeated back from the GPU. What stays merges with its neighbours, which leaves
one dimension more than are repeated: UpSampling2D's [n, h, 1, w, c] is [n · h, 1, w · c] to the Tile. Where that are more than
four, it is done in several turns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tfjsci.rewrite.build import Dim, Tensor, dims, element, product, reshape, static, tile
from tfjsci.rewrite.formulas.dimensions import around, in_steps
from tfjsci.rewrite.formulas.fewer_dimensions import with_groups
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined
from tfjsci.rewrite.symbolic.sizes import sizes_of

LIMIT = 4


def lower(node: Subject) -> Tensor | Declined:
    """A Tile for as many dimensions as fit, between Reshapes."""
    x = node.inputs[0]
    rank = _rank(node)
    if rank <= LIMIT:
        return Declined(reason=f"{LIMIT} dimensions aren't too many")
    x = reshape(x, [*[1] * (rank - x.rank), *dims(x)]) if x.rank < rank else x
    times = _times(node, rank) if node.op == "Tile" else _spread(node, rank)
    if isinstance(times, Declined):
        return times
    return _repeated(x, times)


def _rank(node: Subject) -> int:
    made = node.output_shape()
    return node.inputs[0].rank if made is None else len(made)


def _times(node: Subject, rank: int) -> list[Dim]:
    """How often each dimension is repeated: the number where it is known, else what the run says."""
    given, held = node.inputs[1], node.value(1)
    if held is not None:
        return [int(n) for n in held.reshape(-1)]
    known = sizes_of(node.graph).value(node.node.inputs[1])
    numbers: list[Any] = [None] * rank if known is None else list(known.reshape(-1))
    return [n if isinstance(n, int) else element(given, axis) for axis, n in enumerate(numbers)]


def _spread(node: Subject, rank: int) -> list[Dim] | Declined:
    """The same of what is spread to other sizes: a dimension of 1 is repeated, any other stays."""
    x, wanted = node.inputs
    sizes, known = sizes_of(node.graph), node.output()
    before, after = sizes.shape(node.node.inputs[0]), sizes.shape(node.node.name)
    if before is None or after is None or known is None or known.shape is None:
        return Declined(reason="a shape isn't known")
    times: list[Dim] = []
    for axis, (n, m, whole) in enumerate(zip((1,) * (rank - x.rank) + before, after, known.shape, strict=True)):
        if n == m:
            times.append(1)
        elif n == 1:
            times.append(whole if whole is not None else element(wanted, axis))
        else:
            return Declined(reason="whether a dimension is spread depends on a size that only the run knows")
    return times


def _repeated(x: Tensor, times: Sequence[Dim]) -> Tensor:
    sizes = dims(x)
    for turn in in_steps([axis for axis, n in enumerate(times) if n != 1], static(sizes), LIMIT):
        groups = around(turn, static(sizes))
        often = [next((times[axis] for axis in group if axis in turn), 1) for group in groups]
        x = tile(with_groups(x, sizes, groups), often)
        for axis in turn:
            sizes[axis] = product([sizes[axis], times[axis]])
    return reshape(x, sizes)


LOWERING = Lowering(
    name="rank_of_tile",
    ops=("BroadcastTo", "Tile"),
    equation="Tile(x, times) of more than 4 dimensions → Reshape(Tile(Reshape(x)))",
    lower=lower,
)
