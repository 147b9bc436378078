"""OneHot(i, depth)  ->  Cast(Equal(i, [0, 1, …]))

with the numbers along whichever axis is wanted, in any dtype and depth, and without a Transpose. On and off values other than 1
and 0 are selected.
"""

from __future__ import annotations

import numpy as np

from tfjsci.rewrite.build import (
    Dim,
    Tensor,
    arange,
    both,
    cast,
    dims,
    either,
    equal,
    negated,
    not_equal,
    product,
    reshape,
    where,
)
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """Equal and Cast, or SelectV2, between Reshapes."""
    indices, _, on, off = node.inputs
    if not (on.floating or on.integer or on.dtype == "bool"):
        return Declined(reason=f"its values are {on.dtype}")
    known = node.number_in(1)
    depth: Dim = known if known is not None else cast(reshape(node.inputs[1], []), "int32")
    sizes = dims(indices)
    axis = node.number("axis", -1)
    at = len(sizes) if axis == -1 else axis
    before, after = sizes[:at], sizes[at:]
    numbers = reshape(arange(depth), [depth, 1])
    rows = reshape(cast(indices, "int32"), [product(before), 1, product(after)])
    return reshape(_chosen(rows, numbers, on, off), [*before, depth, *after])


def _chosen(rows: Tensor, numbers: Tensor, on: Tensor, off: Tensor) -> Tensor:
    if _is(on, 1) and _is(off, 0):
        return cast(equal(rows, numbers), on.dtype)
    if _is(on, 0) and _is(off, 1):
        return cast(not_equal(rows, numbers), on.dtype)
    hot = equal(rows, numbers)
    if on.dtype == "bool":
        return either(both(hot, on), both(negated(hot), off))
    return where(hot, on, off)


def _is(value: Tensor, number: int) -> bool:
    return value.value is not None and bool(np.all(value.value == number))


LOWERING = Lowering(
    name="one_hot",
    ops=("OneHot",),
    equation="OneHot(i, depth) → Cast(Equal(i, [0, 1, …]))",
    lower=lower,
)
