"""An op done again on tensors of fewer dimensions: what the lowerings of high ranks have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from tfjsci.graph.graph import AttrValue, DType, Shape
from tfjsci.rewrite.build import Dim, Tensor, UnknownShapeError, broadcast, dims, make, product, reshape, size, tile
from tfjsci.rewrite.formulas.dimensions import ALONE, ANY, Groups, merged, spread_kinds
from tfjsci.rewrite.lowering import Subject
from tfjsci.rewrite.rule import Declined, kept


def again(node: Subject, inputs: Sequence[Tensor], shape: Shape = None, **changed: AttrValue) -> Tensor:
    """The node's op with its attributes, but for those ``changed``, on other inputs of the same dtypes."""
    known = node.output()
    if known is None:
        raise UnknownShapeError("the dtype of the result isn't known")
    attrs: dict[str, AttrValue] = {**kept(node.node, without=("_output_shapes",)), **changed}
    return make(node.op, inputs, dtype=known.dtype, shape=shape, **attrs)


def whole_axes(node: Subject, index: int, rank: int) -> list[int] | None:
    """The axes that a constant input names, counted from the front; None if it isn't constant."""
    value = node.value(index)
    return None if value is None else [int(axis) % rank for axis in value.reshape(-1)]


def with_groups(x: Tensor, sizes: Sequence[Dim], groups: Groups) -> Tensor:
    """``x``, whose dimensions are ``sizes`` in whatever grouping, with these groups of them merged."""
    return reshape(x, [product([sizes[axis] for axis in group]) for group in groups])


def rows_around(x: Tensor, axis: int) -> Tensor:
    """``x`` as [before, axis, behind]: three dimensions."""
    sizes = dims(x)
    return reshape(x, [product(sizes[:axis]), sizes[axis], product(sizes[axis + 1 :])])


def spread_over(operands: Sequence[Tensor], limit: int, apply: Callable[[list[Tensor]], Tensor]) -> Tensor | Declined:
    """An elementwise op of operands that are spread over one another, on at most ``limit`` merged dimensions.

    Where merging isn't enough, the operands are made of one shape first.
    """
    rank = max(x.rank for x in operands)
    shapes = [(1,) * (rank - x.rank) + x.sizes for x in operands]
    kinds = spread_kinds(*shapes)
    groups = merged(kinds)
    if len(groups) > limit:
        if ALONE in kinds:
            return Declined(reason=f"more than {limit} dimensions are left, as some have sizes that only the run knows")
        whole = [_spread_size(operands, shapes, axis, None) for axis in range(rank)]
        flat = [x if x.rank == 0 else reshape(spread_to(x, whole), [-1]) for x in operands]
        return reshape(apply(flat), whole)
    aligned = [_aligned(x, rank, groups) for x in operands]
    result = replace(apply(aligned), shape=broadcast(*(x.shape for x in aligned)))
    places = {axis: place for place, group in enumerate(groups) for axis in group}
    return reshape(
        result,
        [
            _spread_size(operands, shapes, axis, size(result, places[axis]) if kind is ALONE else None)
            for axis, kind in enumerate(kinds)
        ],
    )


def spread_to(x: Tensor, wanted: Sequence[Dim]) -> Tensor:
    """``x`` spread to other sizes: a Tile of three dimensions for each run of neighbours that it is repeated along."""
    sizes: list[Dim] = [*[1] * (len(wanted) - x.rank), *dims(x)]
    groups = merged([ANY if n == 1 else size == 1 for size, n in zip(sizes, wanted, strict=True)])
    for group in groups:
        times = product([wanted[axis] for axis in group if sizes[axis] == 1])
        if times != 1:
            behind = product(sizes[group[-1] + 1 :])
            x = tile(reshape(x, [product(sizes[: group[0]]), 1, behind]), [1, times, 1])
            for axis in group:
                sizes[axis] = wanted[axis]
    return reshape(x, wanted)


def _aligned(x: Tensor, rank: int, groups: Groups) -> Tensor:
    """A scalar stays one; else every group has its size, or 1 where the operand is spread."""
    if x.rank == 0:
        return x
    sizes: list[Dim] = [*[1] * (rank - x.rank), *dims(x)]
    wanted = [product([sizes[axis] for axis in group]) for group in groups]
    while len(wanted) > 1 and wanted[0] == 1:
        wanted.pop(0)
    return x if wanted == list(x.sizes) else reshape(x, wanted)


def _spread_size(
    operands: Sequence[Tensor], shapes: Sequence[Sequence[int | None]], axis: int, otherwise: Dim | None
) -> Dim:
    """The size of the result along an axis: what is known, else that of the only operand that isn't 1."""
    rank = len(shapes[0])
    known = {shape[axis] for shape in shapes} - {1, None}
    if known:
        return next(n for n in known if n is not None)
    if otherwise is not None:
        return otherwise
    open_ones = [x for x, shape in zip(operands, shapes, strict=True) if shape[axis] is None]
    return size(open_ones[0], axis - rank) if open_ones else 1


INT = DType("int32")
