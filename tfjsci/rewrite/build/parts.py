"""Tensors cut, joined, and picked from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tfjsci.graph.graph import DType, Shape
from tfjsci.rewrite.build.elementwise import cast
from tfjsci.rewrite.build.shaping import INT, scalar, static, vector
from tfjsci.rewrite.build.tensor import Dim, Tensor, UnknownShapeError, const, make, make_many


def concat(tensors: Sequence[Tensor], axis: int) -> Tensor:
    """Joined along a dimension; a single one is itself."""
    if len(tensors) == 1:
        return tensors[0]
    first = tensors[0]
    axis = axis % first.rank
    along = [t.sizes[axis] for t in tensors]
    total = None if None in along else sum(n for n in along if n is not None)
    shape = tuple(
        total if i == axis else next((t.sizes[i] for t in tensors if t.sizes[i] is not None), None)
        for i in range(first.rank)
    )
    return make(
        "ConcatV2",
        [*tensors, const(np.int32(axis))],
        dtype=first.dtype,
        shape=shape,
        T=DType(first.dtype),
        N=len(tensors),
        Tidx=INT,
    )


def stack(tensors: Sequence[Tensor], axis: int) -> Tensor:
    """Joined along a new dimension at ``axis`` of the result."""
    first = tensors[0]
    at = axis % (first.rank + 1)
    shape = (*first.sizes[:at], len(tensors), *first.sizes[at:])
    return make("Pack", tensors, dtype=first.dtype, shape=shape, T=DType(first.dtype), N=len(tensors), axis=at)


def unstack(x: Tensor, axis: int) -> tuple[Tensor, ...]:
    """Each slice along a dimension whose size is known, without that dimension. Raises ``UnknownShapeError``."""
    at = axis % x.rank
    count = _known(x, at)
    shape = (*x.sizes[:at], *x.sizes[at + 1 :])
    return make_many("Unpack", [x], [(x.dtype, shape)] * count, num=count, T=DType(x.dtype), axis=at)


def split(x: Tensor, parts: int, axis: int) -> tuple[Tensor, ...]:
    """``parts`` equal parts along a dimension."""
    at = axis % x.rank
    whole = x.sizes[at]
    shape: Shape = tuple((None if whole is None else whole // parts) if i == at else n for i, n in enumerate(x.sizes))
    return make_many("Split", [const(np.int32(at)), x], [(x.dtype, shape)] * parts, num_split=parts, T=DType(x.dtype))


def slice_of(x: Tensor, begin: Sequence[Dim], sizes: Sequence[Dim]) -> Tensor:
    """A block; a size of -1 is all that is left."""
    shape = tuple(
        (whole - b if whole is not None and isinstance(b, int) else None) if n == -1 else n
        for whole, b, n in zip(x.sizes, begin, static(sizes), strict=True)
    )
    return make("Slice", [x, vector(begin), vector(sizes)], dtype=x.dtype, shape=shape, T=DType(x.dtype), Index=INT)


def along(x: Tensor, axis: int, begin: Dim, count: Dim) -> Tensor:
    """``count`` slices from ``begin`` on along one dimension, the others whole; a count of -1 is all that is left."""
    at = axis % x.rank
    begins: list[Dim] = [begin if i == at else 0 for i in range(x.rank)]
    counts: list[Dim] = [count if i == at else -1 for i in range(x.rank)]
    return slice_of(x, begins, counts)


def every(x: Tensor, axis: int, step: int, begin: int = 0) -> Tensor:
    """Each ``step``-th slice along one dimension, from ``begin`` on (StridedSlice)."""
    at = axis % x.rank
    whole = x.sizes[at]
    rest = (1 << x.rank) - 1 - (1 << at)
    shape = tuple(
        (None if whole is None else len(range(begin, whole, step))) if i == at else n for i, n in enumerate(x.sizes)
    )
    begins = [begin if i == at else 0 for i in range(x.rank)]
    steps = [step if i == at else 1 for i in range(x.rank)]
    return make(
        "StridedSlice",
        [x, const(np.array(begins, np.int32)), const(np.zeros(x.rank, np.int32)), const(np.array(steps, np.int32))],
        dtype=x.dtype,
        shape=shape,
        T=DType(x.dtype),
        Index=INT,
        begin_mask=rest,
        end_mask=(1 << x.rank) - 1,
        ellipsis_mask=0,
        new_axis_mask=0,
        shrink_axis_mask=0,
    )


def gather(x: Tensor, indices: Tensor, axis: int = 0, *, batch_dims: int = 0) -> Tensor:
    """Slices of ``x`` along a dimension, by their numbers; the first ``batch_dims`` dimensions go pairwise (GatherV2)."""
    at = axis % x.rank
    shape = None if indices.shape is None else (*x.sizes[:at], *indices.shape[batch_dims:], *x.sizes[at + 1 :])
    return make(
        "GatherV2",
        [x, indices, const(np.int32(at))],
        dtype=x.dtype,
        shape=shape,
        Tparams=DType(x.dtype),
        Tindices=DType(indices.dtype),
        Taxis=INT,
        batch_dims=batch_dims,
    )


def gather_nd(x: Tensor, indices: Tensor) -> Tensor:
    """Elements or slices of ``x`` by positions: the last dimension of ``indices`` is a position."""
    depth = indices.sizes[-1]
    shape = None if depth is None else (*indices.sizes[:-1], *x.sizes[depth:])
    return make(
        "GatherNd",
        [x, indices],
        dtype=x.dtype,
        shape=shape,
        Tparams=DType(x.dtype),
        Tindices=DType(indices.dtype),
    )


def one_hot(indices: Tensor, depth: Dim, dtype: str = "float32") -> Tensor:
    """1 where the new last dimension's number is the index, else 0. Made as int32, which wasm does right, and cast."""
    shape = None if indices.shape is None else (*indices.shape, depth if isinstance(depth, int) else None)
    whole = make(
        "OneHot",
        [cast(indices, "int32"), scalar(depth), const(np.int32(1)), const(np.int32(0))],
        dtype="int32",
        shape=shape,
        T=INT,
        TI=INT,
        axis=-1,
    )
    return cast(whole, dtype)


def reverse(x: Tensor, *axes: int) -> Tensor:
    """Backwards along these dimensions."""
    which = const(np.array([axis % x.rank for axis in axes], np.int32))
    return make("ReverseV2", [x, which], dtype=x.dtype, shape=x.shape, T=DType(x.dtype), Tidx=INT)


def scatter_nd(indices: Tensor, updates: Tensor, sizes: Sequence[Dim]) -> Tensor:
    """Zeros with ``updates`` added at positions (ScatterNd)."""
    return make(
        "ScatterNd",
        [indices, updates, vector(sizes)],
        dtype=updates.dtype,
        shape=static(sizes),
        T=DType(updates.dtype),
        Tindices=DType(indices.dtype),
    )


def _known(x: Tensor, axis: int) -> int:
    found = x.sizes[axis]
    if found is None:
        raise UnknownShapeError(f"the size of dimension {axis} isn't known before the model runs")
    return found
