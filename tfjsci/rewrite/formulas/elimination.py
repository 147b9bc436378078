"""Gauss' elimination of small matrices, all of a batch at once: some ops for each column, whatever the batch.

Rows aren't swapped. The pivot of a column is its largest element in a row that hasn't had one yet, as LAPACK takes it; it is
told by a vector that is 1 there and 0 elsewhere, so that picking a row is a product with it, and exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfjsci.rewrite.build import (
    Dim,
    Tensor,
    along,
    arg,
    cast,
    concat,
    const,
    dims,
    equal,
    expand,
    matmul,
    one_hot,
    reduce,
    reshape,
    size,
    stack,
    transpose,
    unary,
)
from tfjsci.rewrite.rule import Declined

MOST = 16
"""Rows of a matrix: each takes some 15 nodes."""


@dataclass(frozen=True, kw_only=True)
class Eliminated:
    """``rows`` is what became of [batch, n, width]; of each column, which row had its pivot [batch, n], and the pivot [batch]."""

    rows: Tensor
    chosen: tuple[Tensor, ...]
    pivots: tuple[Tensor, ...]


def square(x: Tensor) -> int | Declined:
    """The number of rows of square matrices that aren't too large, or why not."""
    rows, columns = x.sizes[-2:]
    if not x.floating:
        return Declined(reason=f"it is of {x.dtype}")
    if rows is None and columns is None:
        return Declined(reason="the matrix's size isn't known before the model runs")
    n = rows if rows is not None else columns
    return (
        n
        if n is not None and 1 <= n <= MOST
        else Declined(reason=f"a matrix of {n} rows would take {n} steps: at most {MOST}")
    )


def batched(x: Tensor) -> Tensor:
    """[…, rows, columns] -> [batch, rows, columns]."""
    return x if x.rank == 3 else reshape(x, [-1, size(x, -2), size(x, -1)])


def unbatched(x: Tensor, before: Sequence[Dim]) -> Tensor:
    """The way back of whatever comes behind the batch."""
    return x if len(before) == 1 else reshape(x, [*before, *dims(x)[1:]])


def eliminated(x: Tensor, n: int, *, fully: bool) -> Eliminated:
    """The first n columns of [batch, n, width] cleared: below each pivot, or ``fully``, which makes the pivots 1, too.

    Where a column has no pivot left (the matrix is singular) that is 0, and nothing is divided by it unless fully.
    """
    chosen, pivots = [], []
    open_rows: Tensor | None = None
    for k in range(n):
        column = along(x, 2, k, 1)
        flat = reshape(column, [-1, n])
        candidates = flat if open_rows is None else flat * open_rows
        choice = one_hot(arg("ArgMax", unary("Abs", candidates), 1), n)
        chosen.append(choice)
        pivot = reduce("Sum", choice * candidates, [1])
        pivots.append(pivot)
        others = 1 - choice
        open_rows = others if open_rows is None else open_rows * others
        row = matmul(expand(choice, 1), x)
        divisor = pivot if fully else pivot + cast(equal(pivot, 0), x.dtype)
        row = row / reshape(divisor, [-1, 1, 1])
        kept = expand(others, 2)
        if fully:
            x = x * kept + (expand(choice, 2) - column * kept) * row
        elif k < n - 1:
            x = x - column * kept * row
    return Eliminated(rows=x, chosen=tuple(chosen), pivots=tuple(pivots))


def solved(a: Tensor, b: Tensor, n: int) -> Tensor:
    """X of a · X = b, for a [batch, n, n] and b [batch, n, columns]."""
    done = eliminated(concat([a, b], 2), n, fully=True)
    return matmul(stack(done.chosen, 1), along(done.rows, 2, n, -1))


def identity_like(a: Tensor, n: int) -> Tensor:
    """Identity matrices, as many as ``a`` [batch, n, n] has."""
    return a * 0 + const(np.eye(n, dtype=a.dtype))


def parity(chosen: Sequence[Tensor]) -> Tensor:
    """+1 or -1 [batch]: whether the rows in the order of their columns are an even permutation or an odd one."""
    n = len(chosen)
    # Row i of the product holds the place of column i's pivot; those in the wrong order are counted.
    places = reshape(matmul(stack(chosen, 1), const(np.arange(n, dtype=chosen[0].dtype).reshape(n, 1))), [-1, n])
    wrong = cast(expand(places, 2) > expand(places, 1), chosen[0].dtype) * const(
        np.triu(np.ones((n, n), chosen[0].dtype), 1)
    )
    count = reduce("Sum", reshape(wrong, [-1, n * n]), [1])
    return 1 - 2 * (count - 2 * unary("Floor", count * 0.5))


def turned(x: Tensor) -> Tensor:
    """The last two dimensions exchanged."""
    return transpose(x, [*range(x.rank - 2), x.rank - 1, x.rank - 2])
