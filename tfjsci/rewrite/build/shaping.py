"""Sizes, and tensors put into another shape."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tfjsci.graph.graph import Array, DType, Shape
from tfjsci.rewrite.build.elementwise import cast
from tfjsci.rewrite.build.tensor import Dim, Tensor, const, make

INT = DType("int32")


def shape_of(x: Tensor) -> Tensor:
    """The shape as an int32 vector: a constant where every size is known."""
    if x.shape is not None and None not in x.shape:
        return const(np.array(x.shape, np.int32))
    rank = None if x.shape is None else len(x.shape)
    return make("Shape", [x], dtype="int32", shape=(rank,), T=DType(x.dtype), out_type=INT)


def size(x: Tensor, axis: int) -> Dim:
    """One size. Raises ``UnknownShapeError`` when the rank isn't known."""
    axis = axis % x.rank
    known = x.sizes[axis]
    return known if known is not None else element(shape_of(x), axis)


def element(x: Tensor, index: int) -> Tensor:
    """One number of a vector, as a scalar."""
    return make(
        "StridedSlice",
        [x, *(const(np.array([n], np.int32)) for n in (index, index + 1, 1))],
        dtype=x.dtype,
        shape=(),
        T=DType(x.dtype),
        Index=INT,
        begin_mask=0,
        end_mask=0,
        ellipsis_mask=0,
        new_axis_mask=0,
        shrink_axis_mask=1,
    )


def dims(x: Tensor) -> list[Dim]:
    """All the sizes."""
    return [size(x, axis) for axis in range(x.rank)]


def product(sizes: Sequence[Dim]) -> Dim:
    """All of them multiplied."""
    known = int(np.prod([n for n in sizes if isinstance(n, int)], dtype=np.int64))
    result: Dim = known
    for n in sizes:
        if isinstance(n, Tensor):
            result = n if isinstance(result, int) and result == 1 else n * result
    return result


def static(sizes: Sequence[Dim]) -> tuple[int | None, ...]:
    """What is known of them now."""
    return tuple(n if isinstance(n, int) else None for n in sizes)


def scalar(n: Dim, dtype: str = "int32") -> Tensor:
    """A size as a scalar tensor."""
    return const(np.array(n, dtype)) if isinstance(n, int) else cast(n, dtype)


def vector(sizes: Sequence[Dim]) -> Tensor:
    """Sizes as an int32 vector: a constant where all are known."""
    if all(isinstance(n, int) for n in sizes):
        return const(np.array(sizes, np.int32))
    return make("Pack", [scalar(n) for n in sizes], dtype="int32", shape=(len(sizes),), T=INT, N=len(sizes), axis=0)


def reshape(x: Tensor, sizes: Sequence[Dim]) -> Tensor:
    """``x`` with other sizes; one of them may be -1. A size that only the run knows becomes -1 if it is the only one."""
    wanted = list(sizes)
    shape = static(wanted)
    unknown = [axis for axis, n in enumerate(wanted) if not isinstance(n, int)]
    if len(unknown) == 1 and -1 not in shape and 0 not in shape:
        wanted[unknown[0]] = -1
    known: Shape = tuple(None if n == -1 else n for n in shape)
    if -1 in shape and x.shape is not None and None not in x.shape and all(n for n in shape):
        rest = int(np.prod([n for n in shape if n is not None and n != -1], dtype=np.int64))
        whole = int(np.prod(x.static_sizes, dtype=np.int64))
        known = tuple(whole // rest if n == -1 else n for n in shape)
    return make("Reshape", [x, vector(wanted)], dtype=x.dtype, shape=known, T=DType(x.dtype), Tshape=INT)


def reshape_to(x: Tensor, shape: Tensor, known: Shape) -> Tensor:
    """``x`` with the sizes that an int32 vector holds."""
    return make("Reshape", [x, shape], dtype=x.dtype, shape=known, T=DType(x.dtype), Tshape=INT)


def expand(x: Tensor, axis: int) -> Tensor:
    """``x`` with a new dimension of 1 at ``axis`` of the result."""
    at = axis % (x.rank + 1)
    shape = (*x.sizes[:at], 1, *x.sizes[at:])
    return make("ExpandDims", [x, const(np.int32(at))], dtype=x.dtype, shape=shape, T=DType(x.dtype), Tdim=INT)


def squeeze(x: Tensor, *axes: int) -> Tensor:
    """``x`` without these dimensions, which are 1."""
    gone = sorted({axis % x.rank for axis in axes})
    shape = tuple(n for axis, n in enumerate(x.sizes) if axis not in gone)
    return make("Squeeze", [x], dtype=x.dtype, shape=shape, T=DType(x.dtype), squeeze_dims=tuple(gone))


def transpose(x: Tensor, permutation: Sequence[int]) -> Tensor:
    """Dimension ``permutation[i]`` of ``x`` becomes dimension i; ``x`` itself where nothing moves."""
    if list(permutation) == list(range(x.rank)):
        return x
    shape = tuple(x.sizes[axis] for axis in permutation)
    order = const(np.array(permutation, np.int32))
    return make("Transpose", [x, order], dtype=x.dtype, shape=shape, T=DType(x.dtype), Tperm=INT)


def move(x: Tensor, source: int, target: int) -> Tensor:
    """One dimension taken out and put in at ``target``, the others in their order."""
    order = [axis for axis in range(x.rank) if axis != source % x.rank]
    order.insert(target % x.rank, source % x.rank)
    return transpose(x, order)


def broadcast_to(x: Tensor, sizes: Sequence[Dim]) -> Tensor:
    """``x`` spread to these sizes."""
    shape = static(sizes)
    return make("BroadcastTo", [x, vector(sizes)], dtype=x.dtype, shape=shape, T=DType(x.dtype), Tidx=INT)


def tile(x: Tensor, times: Sequence[Dim]) -> Tensor:
    """``x`` repeated so often along each dimension."""
    shape = tuple(n * t if n is not None and isinstance(t, int) else None for n, t in zip(x.sizes, times, strict=True))
    return make("Tile", [x, vector(times)], dtype=x.dtype, shape=shape, T=DType(x.dtype), Tmultiples=INT)


def pad(x: Tensor, paddings: Sequence[Sequence[Dim]], value: float | None = None) -> Tensor:
    """``x`` with ``(before, after)`` for each dimension filled with ``value`` (None: 0)."""
    sizes: list[int | None] = []
    for n, (before, after) in zip(x.sizes, paddings, strict=True):
        known = isinstance(before, int) and isinstance(after, int) and n is not None
        sizes.append(n + before + after if known else None)  # type: ignore[operator, arg-type]
    around = _pairs(paddings)
    if value is None:
        return make("Pad", [x, around], dtype=x.dtype, shape=tuple(sizes), T=DType(x.dtype), Tpaddings=INT)
    return make(
        "PadV2",
        [x, around, const(np.array(value, x.dtype))],
        dtype=x.dtype,
        shape=tuple(sizes),
        T=DType(x.dtype),
        Tpaddings=INT,
    )


def _pairs(paddings: Sequence[Sequence[Dim]]) -> Tensor:
    flat = [n for pair in paddings for n in pair]
    if all(isinstance(n, int) for n in flat):
        return const(np.array(paddings, np.int32).reshape(-1, 2))
    return reshape(vector(flat), [len(paddings), 2])


def filled(sizes: Sequence[Dim], value: float | bool, dtype: str) -> Tensor:
    """A tensor of one value; a constant where all sizes are known and it stays small."""
    known = [n for n in sizes if isinstance(n, int)]
    if len(known) == len(sizes) and np.prod(known, dtype=np.int64) <= 1024:
        whole: Array = np.full(tuple(known), value, np.dtype(dtype))
        return const(whole)
    return make(
        "Fill",
        [vector(sizes), const(np.array(value, np.dtype(dtype)))],
        dtype=dtype,
        shape=static(sizes),
        T=DType(dtype),
        index_type=INT,
    )


def arange(limit: Dim, dtype: str = "int32") -> Tensor:
    """0, 1, … limit - 1; a constant where the limit is known."""
    if isinstance(limit, int):
        return const(np.arange(limit, dtype=dtype))
    return make(
        "Range",
        [const(np.array(0, dtype)), scalar(limit, dtype), const(np.array(1, dtype))],
        dtype=dtype,
        shape=(None,),
        Tidx=DType(dtype),
    )
