"""Cases of the categories slice_join, transformation, creation and reduction."""

from __future__ import annotations

from tfjsci.graph.graph import DType, ShapeAttr

from .case import FLOAT, INT, OpCase, boolean, case, f32, i32, text, wave, whole

BOOL = DType("bool")
STRING = DType("string")
_X = wave(3, 4)
_WORDS = text([b"a", b"bc", b"d"])
_CUBE = wave(2, 3, 4)
_BEGIN_END_STRIDES = (i32([0, 1, 0]), i32([2, 3, 4]), i32([1, 1, 2]))

SLICE_JOIN: tuple[OpCase, ...] = (
    case("ConcatV2", _X, wave(3, 2, seed=2), i32(1), T=FLOAT, Tidx=INT, N=2),
    case("ConcatV2/negative", _X, wave(3, 2, seed=2), i32(-1), T=FLOAT, Tidx=INT, N=2),
    case("ConcatV2/int32", whole(3, 4), whole(1, 4), i32(0), T=INT, Tidx=INT, N=2),
    case("ConcatV2/bool", boolean([True]), boolean([False, True]), i32(0), T=BOOL, Tidx=INT, N=2),
    case("ConcatV2/string", text([b"a"]), text([b"b", b"c"]), i32(0), T=STRING, Tidx=INT, N=2),
    case("ConcatV2/rank-7", wave(1, 2, 1, 2, 1, 2, 2), wave(1, 2, 1, 1, 1, 2, 2), i32(3), T=FLOAT, Tidx=INT, N=2),
    case("ConcatV2/rank-5", wave(1, 2, 2, 2, 2), wave(1, 2, 2, 1, 2), i32(3), T=FLOAT, Tidx=INT, N=2),
    case("Concat", i32(1), _X, wave(3, 2, seed=2), T=FLOAT, N=2),
    case("GatherV2", _X, i32([2, 0]), i32(0), Tparams=FLOAT, batch_dims=0),
    case("GatherV2/axis", _X, i32([[3, 0], [1, 1]]), i32(1), Tparams=FLOAT, batch_dims=0),
    case("GatherV2/negative-axis", _X, i32([3, 0]), i32(-1), Tparams=FLOAT, batch_dims=0),
    case("GatherV2/batch", _X, i32([[1, 0], [2, 2], [3, 0]]), i32(1), Tparams=FLOAT, batch_dims=1),
    case("GatherV2/batch-3d", wave(2, 3, 4), i32([[1, 0], [2, 2]]), i32(1), Tparams=FLOAT, batch_dims=1),
    case("GatherV2/batch-one", wave(1, 3, 4), i32([[1, 0]]), i32(1), Tparams=FLOAT, batch_dims=1),
    case("GatherV2/rank-5", wave(1, 2, 2, 2, 3), i32([1, 0]), i32(3), Tparams=FLOAT, batch_dims=0),
    case("GatherV2/rank-6", wave(1, 2, 1, 2, 2, 3), i32([1, 0]), i32(3), Tparams=FLOAT, batch_dims=0),
    case("GatherV2/string", text([b"a", b"bc", b"d"]), i32([2, 1]), i32(0), Tparams=STRING, batch_dims=0),
    case("GatherV2/bool", boolean([True, False, True]), i32([2, 1]), i32(0), Tparams=BOOL, batch_dims=0),
    case("GatherV2/scalar", _X, i32(1), i32(0), Tparams=FLOAT, batch_dims=0),
    case("GatherV2/int32", whole(3, 4), i32([2, 0]), i32(0), Tparams=INT, batch_dims=0),
    case("Gather", _X, i32([2, 0]), Tparams=FLOAT, validate_indices=True),
    case("Reverse", _X, boolean([True, False]), T=FLOAT),
    case("ReverseV2", _X, i32([1]), T=FLOAT),
    case("ReverseV2/negative", _CUBE, i32([-1, 0]), T=FLOAT),
    case("ReverseV2/rank-5", wave(1, 2, 2, 2, 3), i32([1, 4]), T=FLOAT),
    case("ReverseV2/int32", whole(2, 3), i32([1]), T=INT),
    case("Slice/rank-7", wave(1, 2, 1, 2, 3, 2, 2), i32([0, 0, 0, 1, 0, 1, 0]), i32([1, 1, 1, 1, 2, 1, 1]), T=FLOAT),
    case("Slice/rank-6", wave(1, 2, 2, 3, 2, 2), i32([0, 1, 0, 1, 0, 1]), i32([1, 1, 2, 2, 1, 1]), T=FLOAT),
    case("Slice", _X, i32([1, 0]), i32([2, -1]), T=FLOAT),
    case("Slice/int32", whole(3, 4), i32([1, 0]), i32([2, -1]), T=INT),
    case("StridedSlice", _CUBE, *_BEGIN_END_STRIDES, T=FLOAT, begin_mask=0, end_mask=0),
    case(
        "StridedSlice/masks",
        _CUBE, i32([0, 0, 1]), i32([0, 0, 0]), i32([1, 1, 2]),
        T=FLOAT, begin_mask=3, end_mask=7, ellipsis_mask=0, new_axis_mask=0, shrink_axis_mask=0,
    ),
    case(
        "StridedSlice/shrink",
        _CUBE, i32([-1, 0, 1]), i32([0, 0, 2]), i32([1, 1, 1]),
        T=FLOAT, begin_mask=2, end_mask=2, ellipsis_mask=0, new_axis_mask=0, shrink_axis_mask=5,
    ),
    case(
        "StridedSlice/ellipsis",
        _CUBE, i32([0, 1]), i32([0, 2]), i32([1, 1]),
        T=FLOAT, begin_mask=0, end_mask=0, ellipsis_mask=1, new_axis_mask=0, shrink_axis_mask=2,
    ),
    case(
        "StridedSlice/new-axis",
        _X, i32([0, 0, 0]), i32([0, 0, 0]), i32([1, 1, 1]),
        T=FLOAT, begin_mask=5, end_mask=5, ellipsis_mask=0, new_axis_mask=2, shrink_axis_mask=0,
    ),
    case("StridedSlice/backwards", whole(5), i32([4]), i32([0]), i32([-2]), T=INT, begin_mask=0, end_mask=1),
    case("StridedSlice/int32", whole(5), i32([1]), i32([4]), i32([1]), T=INT, begin_mask=0, end_mask=0),
    case("StridedSlice/int32-steps", whole(5), i32([0]), i32([5]), i32([2]), T=INT, begin_mask=0, end_mask=0),
    case("StridedSlice/shape", i32([7, 8, 9]), i32([1]), i32([2]), i32([1]), T=INT, shrink_axis_mask=1),
    case("StridedSlice/bool", boolean([True, False, True]), i32([1]), i32([3]), i32([1]), T=BOOL),
    case("StridedSlice/bool-steps", boolean([True, False, True]), i32([0]), i32([3]), i32([2]), T=BOOL),
    case("StridedSlice/backwards-float", _X, i32([0, 0]), i32([0, 0]), i32([1, -1]), T=FLOAT, begin_mask=3, end_mask=3),
    case("StridedSlice/empty", _X, i32([2, 0]), i32([2, 4]), i32([1, 1]), T=FLOAT),
    case("StridedSlice/rank-5", wave(1, 2, 2, 3, 2), i32([0] * 5), i32([1, 2, 1, 3, 2]), i32([1, 1, 1, 2, 1]), T=FLOAT),
    case("Slice/rank-5", wave(1, 2, 2, 3, 2), i32([0, 1, 0, 1, 0]), i32([1, 1, 2, 2, 1]), T=FLOAT),
    case("Slice/bool", boolean([True, False, True]), i32([1]), i32([2]), T=BOOL),
    case("StridedSlice/string", _WORDS, i32([1]), i32([3]), i32([1]), T=STRING),
    case("StridedSlice/string-steps", _WORDS, i32([0]), i32([3]), i32([2]), T=STRING),
    case("Unpack/string", _WORDS, outputs=3, T=STRING, num=3, axis=0),
    case("Slice/string", _WORDS, i32([1]), i32([2]), T=STRING),
    case("StridedSlice/rank-5-plain", wave(1, 2, 2, 3, 2), i32([0] * 5), i32([1, 2, 1, 2, 2]), i32([1] * 5), T=FLOAT),
    case("StridedSlice/rank-5-shrink", wave(1, 2, 2, 3, 2), i32([0, 1]), i32([1, 2]), i32([1, 1]), T=FLOAT, shrink_axis_mask=2),
    case("Pack/rank-6", wave(1, 2, 2, 1, 3), wave(1, 2, 2, 1, 3, seed=2), T=FLOAT, N=2, axis=2),
    case("Pack/string", text([b"a"]), text([b"b"]), T=STRING, N=2, axis=0),
    case("Unpack/rank-5", wave(1, 2, 2, 2, 3), outputs=2, T=FLOAT, num=2, axis=1),
    case("Unpack/int32", whole(2, 3), outputs=2, T=INT, num=2, axis=0),
    case("Pack/bool", boolean([True, False]), boolean([False, False]), T=BOOL, N=2, axis=0),
    case("Pack/rank-5", wave(1, 2, 2, 3), wave(1, 2, 2, 3, seed=2), T=FLOAT, N=2, axis=1),
    case("Pack", _X, wave(3, 4, seed=2), T=FLOAT, N=2, axis=0),
    case("Pack/negative", _X, wave(3, 4, seed=2), T=FLOAT, N=2, axis=-1),
    case("Pack/scalars", i32(4), i32(5), i32(6), T=INT, N=3, axis=0),
    case("Unpack", _X, outputs=3, T=FLOAT, num=3, axis=0),
    case("Unpack/negative", _X, outputs=4, T=FLOAT, num=4, axis=-1),
    case("Tile", _X, i32([2, 1]), T=FLOAT),
    case("Tile/int32", whole(2, 2), i32([1, 3]), T=INT),
    case("Tile/rank-5", wave(1, 2, 1, 2, 3), i32([1, 1, 2, 1, 1]), T=FLOAT),
    case("Tile/rank-6", wave(1, 2, 1, 2, 1, 3), i32([1, 1, 2, 1, 2, 1]), T=FLOAT),
    case("Tile/string", text([b"a", b"bc"]), i32([2]), T=STRING),
    case("Tile/bool", boolean([True, False]), i32([2]), T=BOOL),
    case("Split", i32(1), _X, outputs=2, T=FLOAT, num_split=2),
    case("Split/rank-7", i32(3), wave(1, 2, 1, 2, 1, 2, 2), outputs=2, T=FLOAT, num_split=2),
    case("Split/negative", i32(-1), _X, outputs=2, T=FLOAT, num_split=2),
    case("SplitV", _X, i32([1, 3]), i32(1), outputs=2, T=FLOAT, num_split=2),
    case("SplitV/rest-first", _X, i32([-1, 1]), i32(1), outputs=2, T=FLOAT, num_split=2),
    case("SplitV/rest", _X, i32([1, -1]), i32(-1), outputs=2, T=FLOAT, num_split=2),
    case("ScatterNd", i32([[1], [3]]), wave(2, 3), i32([4, 3]), T=FLOAT, Tindices=INT),
    case("ScatterNd/images", i32([[1], [0]]), wave(2, 2, 3), i32([3, 2, 3]), T=FLOAT, Tindices=INT),
    case("ScatterNd/twice", i32([[1], [1]]), wave(2, 3), i32([4, 3]), T=FLOAT, Tindices=INT),
    case("ScatterNd/int32", i32([[1], [3]]), whole(2), i32([4]), T=INT, Tindices=INT),
    case("GatherNd", _X, i32([[0, 1], [2, 3]]), Tparams=FLOAT),
    case("GatherNd/slices", _CUBE, i32([[1, 2], [0, 0]]), Tparams=FLOAT),
    case("GatherNd/string", _WORDS, i32([[1], [0]]), Tparams=STRING),
    case("GatherNd/int32", whole(3, 4), i32([[0, 1], [2, 3]]), Tparams=INT),
    case("SparseToDense/string", i32([[0], [2]]), i32([3]), text([b"x", b"y"]), text(b"-"), T=STRING),
    case("SparseToDense/int32", i32([[0, 1], [2, 0]]), i32([3, 2]), i32([1, 2]), i32(0), T=INT),
    case("SparseToDense", i32([[0, 1], [2, 0]]), i32([3, 2]), f32([1.5, 2.5]), f32(0.0), T=FLOAT),
    case("TensorScatterUpdate", _X, i32([[0], [2]]), wave(2, 4, seed=2), T=FLOAT),
    case("TensorScatterUpdate/int32", whole(3, 4), i32([[0], [2]]), whole(2, 4, seed=2), T=INT),
)  # fmt: skip

_WIDE = f32([-300.7, -1.5, 0.2, 1.9, 255.0, 300.0])


def _cast(name: str, value: object, source: str, target: str) -> OpCase:
    return case(name, value, types=(source,), SrcT=DType(source), DstT=DType(target), Truncate=False)  # type: ignore[arg-type]


TRANSFORMATION: tuple[OpCase, ...] = (
    _cast("Cast", _WIDE, "float32", "int32"),
    _cast("Cast/int-float", whole(2, 3), "int32", "float32"),
    _cast("Cast/float-bool", f32([0.0, 0.5, -2.0]), "float32", "bool"),
    _cast("Cast/rank-7", wave(1, 2, 1, 2, 1, 2, 2), "float32", "int32"),
    _cast("Cast/int-bool", i32([0, 1, -2, 300, 256]), "int32", "bool"),
    _cast("Cast/bool-float", boolean([True, False]), "bool", "float32"),
    _cast("Cast/bool-int", boolean([True, False]), "bool", "int32"),
    _cast("Cast/int-int64", whole(2, 3), "int32", "int64"),
    _cast("Cast/int64-int", whole(2, 3), "int64", "int32"),
    _cast("Cast/int64-float", whole(2, 3), "int64", "float32"),
    _cast("Cast/uint8-float", whole(2, 3, low=0, high=255), "uint8", "float32"),
    _cast("Cast/float-half", f32([0.5, 1.25]), "float32", "float16"),
    _cast("Cast/float-double", f32([0.5, 1.25]), "float32", "float64"),
    _cast("Cast/int-uint8", i32([-1, 3, 300]), "int32", "uint8"),
    _cast("Cast/int-int8", i32([-1, 3, 300]), "int32", "int8"),
    _cast("Cast/bool-uint8", boolean([True, False]), "bool", "uint8"),
    _cast("Cast/float-bfloat16", f32([0.5, 1.25]), "float32", "bfloat16"),
    _cast("Cast/int-uint16", i32([1, 3, 300]), "int32", "uint16"),
    _cast("Cast/int-int16", i32([1, 3, 300]), "int32", "int16"),
    _cast("Cast/int-uint32", i32([1, 3, 300]), "int32", "uint32"),
    case("ExpandDims", _X, i32(1), T=FLOAT),
    case("ExpandDims/negative", _X, i32(-1), T=FLOAT),
    case("MirrorPad", _X, i32([[1, 1], [2, 0]]), T=FLOAT, mode=b"REFLECT"),
    case("MirrorPad/symmetric", _X, i32([[1, 1], [2, 0]]), T=FLOAT, mode=b"SYMMETRIC"),
    case("Pad", _X, i32([[1, 0], [0, 2]]), T=FLOAT),
    case("Pad/image", wave(1, 3, 3, 2), i32([[0, 0], [1, 1], [1, 1], [0, 0]]), T=FLOAT),
    case("Pad/int32", whole(2, 2), i32([[1, 0], [0, 2]]), T=INT),
    case("Pad/rank-5", wave(1, 2, 1, 2, 3), i32([[0, 0], [0, 1], [1, 0], [0, 0], [0, 0]]), T=FLOAT),
    case("Pad/bool", boolean([[True, False]]), i32([[1, 0], [0, 2]]), T=BOOL),
    case("MirrorPad/int32", whole(3, 3), i32([[1, 1], [2, 0]]), T=INT, mode=b"REFLECT"),
    case(
        "MirrorPad/rank-5", wave(1, 2, 3, 3, 2), i32([[0, 0], [0, 0], [1, 1], [1, 1], [0, 0]]), T=FLOAT, mode=b"REFLECT"
    ),
    case("Reshape/string", text([b"a", b"bc"]), i32([1, 2]), T=STRING),
    case("Squeeze/string", text([[b"a", b"bc"]]), T=STRING, squeeze_dims=(0,)),
    case("Pad/string", _WORDS, i32([[1, 0]]), T=STRING),
    case("Transpose/string", text([[b"a", b"bc"]]), i32([1, 0]), T=STRING),
    case("ReverseV2/string", _WORDS, i32([0]), T=STRING),
    case("ExpandDims/string", text([b"a", b"bc"]), i32(0), T=STRING),
    case("MirrorPad/rank-4", wave(1, 3, 3, 2), i32([[0, 0], [1, 1], [1, 1], [0, 0]]), T=FLOAT, mode=b"REFLECT"),
    case("PadV2", _X, i32([[1, 0], [0, 2]]), f32(1.5), T=FLOAT),
    case("PadV2/infinite", _X, i32([[1, 0], [0, 2]]), f32(-1e30), T=FLOAT),
    case("Reshape", _X, i32([2, -1]), T=FLOAT),
    case("Reshape/scalar", wave(1, 1), i32([]), T=FLOAT),
    case("EnsureShape", _X, T=FLOAT, shape=ShapeAttr((3, 4))),
    case("Squeeze", wave(1, 3, 1), T=FLOAT, squeeze_dims=(0,)),
    case("Squeeze/all", wave(1, 3, 1), T=FLOAT, squeeze_dims=()),
    case("Squeeze/negative", wave(1, 3, 1), T=FLOAT, squeeze_dims=(-1,)),
    case("SpaceToBatchND", wave(1, 4, 4, 2), i32([2, 2]), i32([[0, 0], [0, 0]]), T=FLOAT),
    case("SpaceToBatchND/padded", wave(1, 3, 4, 2), i32([2, 2]), i32([[1, 0], [0, 2]]), T=FLOAT),
    case("SpaceToBatchND/rank-3", wave(1, 4, 2), i32([2]), i32([[0, 0]]), T=FLOAT),
    case("SpaceToBatchND/rank-5", wave(1, 2, 2, 2, 2), i32([2, 2, 2]), i32([[0, 0]] * 3), T=FLOAT),
    case("BatchToSpaceND/rank-5", wave(8, 1, 1, 1, 2), i32([2, 2, 2]), i32([[0, 0]] * 3), T=FLOAT),
    case("BatchToSpaceND", wave(4, 2, 2, 2), i32([2, 2]), i32([[0, 0], [0, 0]]), T=FLOAT),
    case("BatchToSpaceND/cropped", wave(4, 2, 2, 2), i32([2, 2]), i32([[0, 1], [1, 0]]), T=FLOAT),
    case("DepthToSpace", wave(1, 2, 2, 8), T=FLOAT, block_size=2, data_format=b"NHWC"),
    case("DepthToSpace/int32", whole(1, 2, 2, 8), T=INT, block_size=2, data_format=b"NHWC"),
    case("DepthToSpace/nchw", wave(1, 8, 2, 3), T=FLOAT, block_size=2, data_format=b"NCHW"),
    case("BroadcastTo", wave(3, 1), i32([2, 3, 4]), T=FLOAT),
    case("BroadcastTo/rank-5", wave(1, 2, 1, 2, 3), i32([1, 2, 2, 2, 3]), T=FLOAT),
    case("BroadcastTo/bool", boolean([True, False]), i32([3, 2]), T=BOOL),
    case("BroadcastTo/int32", whole(3, 1), i32([3, 4]), T=INT),
    case("BroadcastArgs", i32([3, 1]), i32([2, 3, 4]), T=INT),
)

_OFF_ON = (f32(1.0), f32(0.0))

CREATION: tuple[OpCase, ...] = (
    case("Fill", i32([2, 3]), f32(1.5), T=FLOAT),
    case("Fill/int32", i32([2, 3]), i32(7), T=INT),
    case("Fill/bool", i32([2]), boolean(True), T=BOOL),
    case("Fill/string", i32([2]), text(b"ab"), T=STRING),
    case("LinSpace", f32(0.0), f32(1.0), i32(5), T=FLOAT),
    case("OneHot", i32([0, 2, 1]), i32(3), i32(1), i32(0), T=INT, axis=-1),
    case("OneHot/float", i32([0, 2, 1]), i32(3), *_OFF_ON, T=FLOAT, axis=-1),
    case("OneHot/on-off", i32([0, 2, 1]), i32(3), f32(0.5), f32(-2.0), T=FLOAT, axis=-1),
    case("OneHot/bool", i32([0, 2, 1]), i32(3), boolean(True), boolean(False), T=BOOL, axis=-1),
    case("OneHot/last-axis", i32([0, 2, 1]), i32(3), i32(1), i32(0), T=INT, axis=1),
    case("OneHot/first-axis", i32([0, 2, 2]), i32(3), i32(1), i32(0), T=INT, axis=0),
    case("OneHot/outside", i32([0, -1, 5]), i32(3), i32(1), i32(0), T=INT, axis=-1),
    case("OneHot/rank-4", i32([[[[0, 2], [1, 1]]]]), i32(3), i32(1), i32(0), T=INT, axis=-1),
    case("OneHot/matrix", i32([[0, 2], [1, 1]]), i32(3), i32(1), i32(0), T=INT, axis=-1),
    case("Ones", i32([2, 3]), T=FLOAT),
    case("OnesLike", _X, T=FLOAT),
    case("OnesLike/int32", whole(2, 2), T=INT),
    case("Zeros", i32([2, 3]), T=FLOAT),
    case("ZerosLike", _X, T=FLOAT),
    case("ZerosLike/int32", whole(2, 2), T=INT),
    case("ZerosLike/bool", boolean([True, False]), T=BOOL),
    case("Range", i32(0), i32(5), i32(1), Tidx=INT),
    case("Range/down", i32(5), i32(-1), i32(-2), Tidx=INT),
    case("Range/float", f32(0.0), f32(1.0), f32(0.3), Tidx=FLOAT),
    case("RandomStandardNormal", i32([2, 3]), random=True, dtype=FLOAT, seed=1, seed2=0),
    case("RandomUniform", i32([2, 3]), random=True, dtype=FLOAT, seed=1, seed2=0),
    case("RandomUniformInt", i32([2, 3]), i32(0), i32(5), random=True, Tout=INT, seed=1, seed2=0),
    case("TruncatedNormal", i32([2, 3]), random=True, dtype=FLOAT, seed=1, seed2=0),
    case("Multinomial", wave(2, 3), i32(4), random=True, T=FLOAT, output_dtype=INT, seed=1, seed2=0),
)

_REDUCE = ("Max", "Mean", "Min", "Sum", "Prod")
_PAIRS = boolean([[True, False], [True, True], [False, False]])

REDUCTION: tuple[OpCase, ...] = (
    *(case(op, _CUBE, i32([1]), T=FLOAT, Tidx=INT, keep_dims=False) for op in _REDUCE),
    *(case(f"{op}/all", _CUBE, i32([0, 1, 2]), T=FLOAT, Tidx=INT, keep_dims=False) for op in _REDUCE),
    *(case(f"{op}/negative", _CUBE, i32([-1]), T=FLOAT, Tidx=INT, keep_dims=True) for op in _REDUCE),
    *(case(f"{op}/scalar-axis", _CUBE, i32(2), T=FLOAT, Tidx=INT, keep_dims=False) for op in _REDUCE),
    *(case(f"{op}/int32", whole(2, 3), i32([1]), T=INT, Tidx=INT, keep_dims=False) for op in _REDUCE),
    *(case(f"{op}/rank-5", wave(1, 2, 2, 2, 3), i32([1, 3]), T=FLOAT, Tidx=INT, keep_dims=True) for op in _REDUCE),
    *(case(f"{op}/rank-6", wave(1, 2, 2, 1, 2, 3), i32([1, 4]), T=FLOAT, Tidx=INT, keep_dims=False) for op in _REDUCE),
    case("Sum/rank-7", wave(1, 2, 1, 2, 1, 2, 2), i32([6]), T=FLOAT, Tidx=INT, keep_dims=False),
    *(case(f"{op}/two-axes", wave(2, 3, 4, 2), i32([1, 2]), T=FLOAT, Tidx=INT, keep_dims=False) for op in _REDUCE),
    *(case(op, _PAIRS, i32([1]), Tidx=INT, keep_dims=False) for op in ("All", "Any")),
    *(
        made
        for op in ("ArgMax", "ArgMin")
        for made in (
            case(op, _X, i32(1), T=FLOAT, Tidx=INT, output_type=DType("int64")),
            case(f"{op}/negative", _CUBE, i32(-1), T=FLOAT, Tidx=INT, output_type=INT),
            case(f"{op}/rank-5", wave(1, 2, 2, 2, 3), i32(2), T=FLOAT, Tidx=INT, output_type=INT),
            case(f"{op}/int32", whole(3, 4), i32(0), T=INT, Tidx=INT, output_type=INT),
        )
    ),
    *(
        made
        for op in ("Cumsum", "Cumprod")
        for made in (
            case(op, _X, i32(1), T=FLOAT, Tidx=INT, exclusive=False, reverse=False),
            case(f"{op}/first", _X, i32(0), T=FLOAT, Tidx=INT, exclusive=False, reverse=False),
            case(f"{op}/exclusive", _X, i32(1), T=FLOAT, Tidx=INT, exclusive=True, reverse=False),
            case(f"{op}/negative", _X, i32(-1), T=FLOAT, Tidx=INT, exclusive=False, reverse=False),
            case(f"{op}/rank-4", wave(1, 2, 3, 2), i32(2), T=FLOAT, Tidx=INT, exclusive=False, reverse=False),
            case(f"{op}/rank-5", wave(1, 2, 2, 2, 3), i32(2), T=FLOAT, Tidx=INT, exclusive=False, reverse=False),
            case(f"{op}/int32", whole(3, 4, low=-3, high=4), i32(1), T=INT, Tidx=INT, exclusive=False, reverse=False),
        )
    ),
    case("Bincount", i32([0, 2, 2, 1]), i32(4), f32([]), T=FLOAT),
    case("DenseBincount", i32([0, 2, 2, 1]), i32(4), f32([]), T=FLOAT, Tidx=INT, binary_output=False),
    case("DenseBincount/matrix", i32([[0, 2], [2, 2]]), i32(3), f32([]), T=FLOAT, Tidx=INT, binary_output=False),
    case("DenseBincount/binary", i32([[0, 2], [2, 2]]), i32(3), f32([]), T=FLOAT, Tidx=INT, binary_output=True),
    case("DenseBincount/binary-vector", i32([0, 2, 2]), i32(3), f32([]), T=FLOAT, Tidx=INT, binary_output=True),
    case("DenseBincount/weights", i32([0, 2, 2]), i32(3), f32([0.5, 1, 2]), T=FLOAT, Tidx=INT, binary_output=False),
)
