"""Shapes of many dimensions and few numbers, for the lowerings of high ranks."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from lowering_cases import floats, ints

from tfjsci.graph.graph import Array

DTYPES = ("float32", "int32", "bool")


@st.composite
def high_shapes(draw: st.DrawFn, least: int, most: int, *, numbers: int = 128) -> tuple[int, ...]:
    """``least`` to ``most`` dimensions of 1 to 3, at most ``numbers`` values in all."""
    sizes = []
    for _ in range(draw(st.integers(least, most))):
        room = numbers // int(np.prod(sizes, dtype=int))
        sizes.append(min(draw(st.sampled_from([1, 2, 2, 2, 3])), max(room, 1)))
    return tuple(sizes)


def unknowns(rank: int) -> st.SearchStrategy[tuple[int, ...]]:
    """Axes whose size only the run knows: often none, or the batch."""
    return st.one_of(st.just(()), st.just((0,)), st.lists(st.integers(0, rank - 1), max_size=2, unique=True).map(tuple))


def values(shape: tuple[int, ...], dtype: str = "float32", seed: int = 0) -> Array:
    """Numbers of a dtype, or bools."""
    if dtype == "float32":
        return floats(*shape, seed=seed)
    whole = ints(*shape, seed=seed)
    return whole > 0 if dtype == "bool" else whole.astype(dtype)


def axes_of(rank: int, least: int = 1) -> st.SearchStrategy[list[int]]:
    """Some axes, a few of them counted from the back."""
    chosen = st.sets(st.integers(0, rank - 1), min_size=least).map(sorted)
    return st.tuples(chosen, st.booleans()).map(lambda both: [a - rank if both[1] and a % 2 else a for a in both[0]])
