"""Transpose(x) of integers or bools  ->  GatherV2(x), flat, by constant positions; Cast(Transpose(Cast(x))) where it is large

webgpu transposes floats only. The first dimensions, as far as they stay where they are, may have any size; what moves behind
them is one row of numbers, and the positions say which comes where. A row that is long, or whose size only the run
knows, goes through floats, which hold whole numbers up to 2²⁴ exactly (as webgpu's own integers do).
"""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.build import Dim, Tensor, cast, const, dims, gather, not_equal, product, reshape, transpose
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined

LONGEST = 4096
"""Positions of a row that are kept as a weight: 16 KiB."""


def lower(node: Subject) -> Tensor | Declined:
    """One GatherV2 between Reshapes, or two Casts around the Transpose."""
    x, given = node.inputs
    if x.dtype != "bool" and not x.integer:
        return Declined(reason=f"it is for integers and bools, this is {x.dtype}")
    if given.value is None:
        return Declined(reason="the order of the dimensions isn't constant")
    order = [int(axis) % x.rank for axis in given.value.reshape(-1)]
    stay = next((i for i, axis in enumerate(order) if i != axis), x.rank)
    sizes = dims(x)
    known = [n for n in sizes[stay:] if isinstance(n, int)]
    length = int(np.prod(known))
    if len(known) == x.rank - stay and length <= LONGEST:
        return _by_positions(x, order, stay, known)
    moved = transpose(cast(x, "float32"), order)
    return not_equal(moved, 0) if x.dtype == "bool" else cast(moved, x.dtype)


def _by_positions(x: Tensor, order: list[int], stay: int, row: list[int]) -> Tensor:
    sizes = dims(x)
    whole: list[Dim] = [sizes[axis] for axis in order]
    positions = np.arange(int(np.prod(row))).reshape(row).transpose([axis - stay for axis in order[stay:]])
    if np.array_equal(positions.reshape(-1), np.arange(positions.size)):
        return reshape(x, whole)
    flat = reshape(x, [product(sizes[:stay]), positions.size])
    return reshape(gather(flat, const(positions.reshape(-1).astype(np.int32)), 1), whole)


LOWERING = Lowering(
    name="transpose_integers",
    ops=("Transpose",),
    equation="Transpose(x) of integers or bools → GatherV2(x, positions)",
    lower=lower,
    limits="The order of the dimensions must be constant.",
    accuracy="exact; large tensors up to 2²⁴",
)
