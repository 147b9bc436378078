"""Cases of what indexes, scatters, scans, counts and moves, by dtype, rank and size: for the restrictions of the same name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tfjsci.graph.graph import Array, AttrValue, DType, TensorType

from .case import FLOAT, INT, OpCase, boolean, case, f32, i32, wave, whole
from .chains import chain, node

BOOL = DType("bool")
_X = wave(3, 4)
_WHOLE, _TRUE = whole(2, 3, 4), whole(2, 3, 4) > 0
_FLAT: dict[str, AttrValue] = {"T": FLOAT, "Tidx": INT, "exclusive": False, "reverse": False}
_PLAIN: dict[str, AttrValue] = {
    "T": FLOAT, "begin_mask": 0, "end_mask": 0, "ellipsis_mask": 0, "new_axis_mask": 0, "shrink_axis_mask": 0,
}  # fmt: skip


def _lengths(op: str, name: str, *, reverse: bool, exclusive: bool = False) -> OpCase:
    """Two scans of different lengths in one graph, the one after the other."""
    x, y = wave(2, 3), wave(2, 5, seed=3)
    first = np.full((2, 1), 0 if op == "Cumsum" else 1, np.float32)
    scan = np.cumsum if op == "Cumsum" else np.cumprod

    def scanned(a: Array) -> Array:
        if reverse:
            return scanned_forwards(a[:, ::-1])[:, ::-1]
        return scanned_forwards(a)

    def scanned_forwards(a: Array) -> Array:
        made: Array = scan(np.concatenate([first, a[:, :-1]], 1) if exclusive else a, 1)
        return made

    attrs = {**_FLAT, "reverse": reverse, "exclusive": exclusive}
    return chain(
        f"{op}/{name}",
        (scanned(x), scanned(y)),
        node("first", op, "x", "axis", **attrs),
        node("op", op, "y", "axis", **attrs),
        out=("first", "op"),
        x=x,
        y=y,
        axis=i32(1),
    )


def _of_cast(op: str, expected: Array, name: str, axes: Array, x: Array = _WHOLE, **attrs: AttrValue) -> OpCase:
    """The op on integers that were cast to floats."""
    made = chain(
        f"{op}/{name}",
        expected.astype(np.float32),
        node("cast", "Cast", "x", SrcT=INT, DstT=FLOAT, Truncate=False),
        node("op", op, "cast", "axes", T=FLOAT, **attrs),
        x=x,
        axes=axes,
    )
    types = {"cast": TensorType(dtype="float32", shape=x.shape)}
    return replace(made, graph=replace(made.graph, types=types))


MOVED: tuple[OpCase, ...] = (
    case("Transpose/int32-rank-3", _WHOLE, i32([0, 2, 1]), T=INT, Tperm=INT),
    case("Transpose/int32-in-place", _WHOLE, i32([0, 1, 2]), T=INT, Tperm=INT),
    case("Transpose/int32-matrix", _WHOLE[0], i32([1, 0]), T=INT, Tperm=INT),
    case("Transpose/bool-rank-3", _TRUE, i32([2, 0, 1]), T=BOOL, Tperm=INT),
    case("Transpose/bool-matrix", _TRUE[0], i32([1, 0]), T=BOOL, Tperm=INT),
    _of_cast("Transpose", _WHOLE.transpose(0, 2, 1), "cast", i32([0, 2, 1]), Tperm=INT),
    _of_cast("Transpose", _WHOLE[0].T, "cast-matrix", i32([1, 0]), _WHOLE[0], Tperm=INT),
    _of_cast("Mean", _WHOLE.mean(1), "cast", i32([1]), Tidx=INT, keep_dims=False),
    _of_cast("Sum", _WHOLE.sum(2), "cast-last", i32([2]), Tidx=INT, keep_dims=False),
    *(
        made
        for op in ("Sum", "Max", "Min", "Prod")
        for made in (
            case(f"{op}/int32-first", _WHOLE, i32([0]), T=INT, Tidx=INT, keep_dims=False),
            case(f"{op}/int32-middle", _WHOLE, i32([1]), T=INT, Tidx=INT, keep_dims=False),
            case(f"{op}/int32-last", _WHOLE, i32([1, 2]), T=INT, Tidx=INT, keep_dims=False),
            case(f"{op}/int32-matrix", _WHOLE[0], i32([0]), T=INT, Tidx=INT, keep_dims=False),
        )
    ),
    case("All/middle", whole(2, 3, 4) > -9, i32([1]), Tidx=INT, keep_dims=False),
    case("Any/middle", _TRUE, i32([1]), Tidx=INT, keep_dims=False),
    case("Any/last", _TRUE, i32([2]), Tidx=INT, keep_dims=False),
    case("ArgMax/int32-middle", _WHOLE, i32(1), T=INT, Tidx=INT, output_type=INT),
    case("ArgMin/int32-last", _WHOLE, i32(2), T=INT, Tidx=INT, output_type=INT),
    case("ArgMax/vector", _X[0], i32(0), T=FLOAT, Tidx=INT, output_type=INT),
    case("ArgMin/vector", _X[0], i32(0), T=FLOAT, Tidx=INT, output_type=INT),
    case("Cumsum/int32-middle", _WHOLE, i32(1), **{**_FLAT, "T": INT}),
    case("Cumsum/int32-last", _WHOLE, i32(2), **{**_FLAT, "T": INT}),
    case("BatchToSpaceND/int32", whole(4, 2, 2, 1), i32([2, 2]), i32([[0, 0], [0, 0]]), T=INT),
    case("SpaceToBatchND/int32", whole(1, 4, 4, 1), i32([2, 2]), i32([[0, 0], [0, 0]]), T=INT),
    case("ReverseV2/bool", _TRUE[0], i32([1]), T=BOOL, Tidx=INT),
    case("Reverse/bool", _TRUE[0], boolean([True, False]), T=BOOL),
    case("ReverseV2/rank-5-batch", wave(2, 1, 2, 2, 3), i32([3, 4]), T=FLOAT, Tidx=INT),
)

SCANNED: tuple[OpCase, ...] = (
    _lengths("Cumsum", "lengths", reverse=False),
    _lengths("Cumsum", "lengths-reversed", reverse=True),
    _lengths("Cumprod", "lengths", reverse=False),
    _lengths("Cumprod", "lengths-reversed", reverse=True),
    _lengths("Cumsum", "lengths-exclusive-reversed", reverse=True, exclusive=True),
    case("TopKV2/rank-3", whole(2, 3, 5), i32(3), outputs=2, T=INT, sorted=True),
    case("TopKV2/negative", i32([-5, -3, -9, -3]), i32(4), outputs=2, T=INT, sorted=True),
    case("TopKV2/long-ties", f32([1.0, 3.0, 3.0, 2.0] * 30), i32(20), outputs=2, T=FLOAT, sorted=True),
    case("TopKV2/one-number", wave(3, 1), i32(1), outputs=2, T=FLOAT, sorted=True),
    case("Bincount/int32", i32([0, 2, 2, 1]), i32(4), i32([]), T=INT),
    case("Bincount/int32-weights", i32([0, 2, 2, 1]), i32(4), i32([3, -1, 4, 5]), T=INT),
    case("Bincount/matrix", i32([[0, 2], [2, 1]]), i32(4), f32([]), T=FLOAT),
    case("DenseBincount/int32", i32([0, 2, 2, 1]), i32(4), i32([]), T=INT, Tidx=INT, binary_output=False),
    case(
        "DenseBincount/more-columns",
        i32([[0, 2, 2, 1], [1, 3, 1, 2]]), i32(3), f32([]), T=FLOAT, Tidx=INT, binary_output=False,
    ),
    case(
        "DenseBincount/as-many-columns",
        i32([[0, 2, 2, 1], [1, 3, 1, 2]]), i32(4), f32([]), T=FLOAT, Tidx=INT, binary_output=False,
    ),
    case(
        "DenseBincount/many-more-counted",
        whole(9, 2, low=0, high=70), i32(70), f32([]), T=FLOAT, Tidx=INT, binary_output=False,
    ),
    case("DenseBincount/beyond", i32([0, 2, 7, 1]), i32(4), f32([]), T=FLOAT, Tidx=INT, binary_output=False),
)  # fmt: skip

PICKED: tuple[OpCase, ...] = (
    case("StridedSlice/index-and-step", _X, i32([1, 0]), i32([2, 4]), i32([1, 2]), **{**_PLAIN, "shrink_axis_mask": 1}),
    case("StridedSlice/step-and-index", _X, i32([0, 1]), i32([3, 2]), i32([2, 1]), **{**_PLAIN, "shrink_axis_mask": 2}),
    case("StridedSlice/index", _X, i32([1, 0]), i32([2, 4]), i32([1, 1]), **{**_PLAIN, "shrink_axis_mask": 1}),
    case(
        "StridedSlice/new-axis-and-step",
        _X, i32([0, 0, 0]), i32([3, 0, 4]), i32([1, 1, 2]), **{**_PLAIN, "new_axis_mask": 2},
    ),
    case("GatherV2/of-nothing", wave(2, 3, 0), i32([2, 0]), i32(1), Tparams=FLOAT, batch_dims=0),
    case("GatherV2/nothing", _X, i32([]), i32(1), Tparams=FLOAT, batch_dims=0),
    case("GatherNd/int32-points", whole(3, 4), i32([[2, 0], [1, 1]]), Tparams=INT),
    case("GatherNd/bool", _TRUE, i32([[1, 2], [0, 0]]), Tparams=BOOL),
    case("GatherNd/no-depth", _X, i32(np.zeros((2, 0))), Tparams=FLOAT),
    case("GatherNd/depth-4", wave(2, 1, 2, 3), i32([[1, 0, 0, 2], [0, 0, 1, 1]]), Tparams=FLOAT),
    case("GatherNd/depth-5", wave(2, 1, 2, 2, 3), i32([[1, 0, 0, 1, 2], [0, 0, 1, 1, 0]]), Tparams=FLOAT),
    case("ScatterNd/thrice", i32([[1], [0], [1]]), _X, i32([4, 4]), T=FLOAT),
    case("ScatterNd/int32-twice", i32([[1], [0], [1]]), whole(3, 4), i32([4, 4]), T=INT),
    case("ScatterNd/bool", i32([[1], [0]]), _TRUE[0, :2], i32([4, 4]), T=BOOL),
    case("ScatterNd/depth-4", i32([[0, 1, 2, 3], [0, 0, 0, 0]]), f32([1.5, 2.5]), i32([1, 2, 3, 4]), T=FLOAT),
    case("ScatterNd/depth-5", i32([[0, 1, 2, 3, 0], [0, 0, 0, 1, 0]]), f32([3.5, 4.5]), i32([1, 2, 3, 4, 1]), T=FLOAT),
    chain(
        "ScatterNd/nothing",
        f32([1, 1, 1]),
        node("op", "ScatterNd", "at", "updates", "shape", T=FLOAT, Tindices=INT),
        node("sum", "AddV2", "op", "one", T=FLOAT),
        out="sum",
        at=i32(np.zeros((0, 1))),
        updates=f32(np.zeros(0)),
        shape=i32([3]),
        one=f32(1.0),
    ),
    case("SparseToDense/bool", i32([[0, 1], [2, 3]]), i32([3, 4]), boolean([True, True]), boolean(False), T=BOOL),
    case("SparseToDense/int32-default", i32([[0, 1], [2, 3]]), i32([3, 4]), i32([5, -6]), i32(2), T=INT),
    case("TensorScatterUpdate/int32-backwards", whole(3, 4), i32([[1], [0]]), whole(2, 4, seed=5), T=INT),
    case("TensorScatterUpdate/bool", _TRUE[0], i32([[1], [0]]), ~_TRUE[0, :2], T=BOOL),
    case("TensorScatterUpdate/twice", _X, i32([[1], [1]]), wave(2, 4, seed=5), T=FLOAT),
    case(
        "TensorScatterUpdate/depth-5",
        wave(1, 2, 3, 4, 1), i32([[0, 1, 2, 3, 0], [0, 0, 0, 1, 0]]), f32([3.5, 4.5]), T=FLOAT,
    ),
    *(
        case(f"OneHot/depth-{depth}", i32([0, 1]), i32(depth), f32(1.0), f32(0.0), T=FLOAT, axis=-1)
        for depth in (0, 1)
    ),
    case("Where/int32", i32([[0, 256], [3, 0]]), T=INT),
    case("LinSpace/one", f32(2.0), f32(5.0), i32(1), T=FLOAT, Tidx=INT),
    case("LinSpace/two", f32(2.0), f32(5.0), i32(2), T=FLOAT, Tidx=INT),
    case("BroadcastArgs/scalar", i32(np.zeros(0)), i32([2, 3]), T=INT),
    case("BroadcastArgs/longer", i32([5, 1, 3]), i32([2, 1]), T=INT),
    case("Size/int64", _X, T=FLOAT, out_type=DType("int64")),
    case("Shape/int64", _X, T=FLOAT, out_type=DType("int64")),
)  # fmt: skip
