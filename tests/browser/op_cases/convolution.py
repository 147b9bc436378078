"""Cases of the categories convolution, matrices, normalization and image."""

from __future__ import annotations

from tfjsci.graph.graph import Array, AttrValue, DType

from .case import FLOAT, INT, OpCase, boolean, case, f32, i32, wave, whole

_X = wave(1, 5, 5, 3)
_NCHW = wave(1, 3, 5, 5)
_K = wave(3, 3, 3, 4, seed=3)
_DW = wave(3, 3, 3, 2, seed=3)
_SQUARE = wave(1, 4, 4, 4)
_BIAS = wave(4, seed=7)
_ALPHA = wave(4, seed=8, low=0.0, high=0.5)


def _conv(
    *, strides: int = 1, dilations: int = 1, padding: bytes = b"SAME", data_format: bytes = b"NHWC"
) -> dict[str, AttrValue]:
    def spread(n: int) -> tuple[int, ...]:
        return (1, n, n, 1) if data_format == b"NHWC" else (1, 1, n, n)

    return {
        "T": FLOAT,
        "strides": spread(strides),
        "dilations": spread(dilations),
        "padding": padding,
        "data_format": data_format,
        "explicit_paddings": (),
    }


_EXPLICIT: dict[str, AttrValue] = {**_conv(), "padding": b"EXPLICIT", "explicit_paddings": (0, 0, 1, 2, 0, 1, 0, 0)}


def _fused(op: str, variant: str, ops: tuple[bytes, ...], *arguments: Array, **more: AttrValue) -> OpCase:
    x, kernel = {
        "_FusedConv2D": (_X, _K),
        "FusedDepthwiseConv2dNative": (_X, _DW[..., :1]),
        "_FusedMatMul": (wave(2, 5), wave(5, 4, seed=2)),
    }[op]
    attrs: dict[str, AttrValue] = (
        {"T": FLOAT, "transpose_a": False, "transpose_b": False} if op == "_FusedMatMul" else _conv()
    )
    attrs |= {"num_args": len(arguments), "fused_ops": ops, "epsilon": 1e-4, **more}
    return case(f"{op}/{variant}" if variant else op, x, kernel, *arguments, **attrs)


def _fusions(op: str, bias: Array, alpha: Array) -> tuple[OpCase, ...]:
    plain = ("Relu", "Relu6", "Elu", "Sigmoid", "Tanh", "_FusedHardSwish")
    return (
        _fused(op, "", (b"BiasAdd",), bias),
        *(_fused(op, name.lower(), (b"BiasAdd", name.encode()), bias) for name in plain),
        _fused(op, "prelu", (b"BiasAdd", b"Prelu"), bias, alpha),
        _fused(op, "leakyrelu", (b"BiasAdd", b"LeakyRelu"), bias, leakyrelu_alpha=0.3),
    )


_BATCH_NORM = (wave(2, 3, 3, 2), wave(2, seed=2), wave(2, seed=3), wave(2, seed=4), wave(2, seed=5, low=0.3, high=2.0))


def _pool(*, k: int = 2, strides: int = 2, padding: bytes = b"VALID", **more: AttrValue) -> dict[str, AttrValue]:
    return {
        "T": FLOAT,
        "ksize": (1, k, k, 1),
        "strides": (1, strides, strides, 1),
        "padding": padding,
        "data_format": b"NHWC",
        **more,
    }


_POOL3D: dict[str, AttrValue] = {
    "T": FLOAT,
    "ksize": (1, 2, 2, 2, 1),
    "strides": (1, 2, 2, 2, 1),
    "padding": b"VALID",
    "data_format": b"NDHWC",
}
_POOL_NCHW: dict[str, AttrValue] = {**_pool(), "ksize": (1, 1, 2, 2), "strides": (1, 1, 2, 2), "data_format": b"NCHW"}
_POOL3D_FIRST: dict[str, AttrValue] = {
    **_POOL3D,
    "ksize": (1, 1, 2, 2, 2),
    "strides": (1, 1, 2, 2, 2),
    "data_format": b"NCDHW",
}
_CONV3D: dict[str, AttrValue] = {
    "T": FLOAT,
    "strides": (1, 1, 1, 1, 1),
    "dilations": (1, 1, 1, 1, 1),
    "padding": b"SAME",
    "data_format": b"NDHWC",
}

CONVOLUTION: tuple[OpCase, ...] = (
    case("Conv1D", wave(1, 6, 2), wave(3, 2, 4, seed=2), stride=1, padding=b"SAME", data_format=b"NWC", dilation=1),
    case("Conv2D", _X, _K, **_conv()),
    case("Conv2D/valid", _X, _K, **_conv(padding=b"VALID")),
    case("Conv2D/strided", _X, _K, **_conv(strides=2)),
    case("Conv2D/dilated", _X, _K, **_conv(dilations=2)),
    case("Conv2D/strided-dilated", _X, _K, **_conv(strides=2, dilations=2)),
    case("Conv2D/grouped", wave(1, 5, 5, 6), wave(3, 3, 3, 4), **_conv()),
    case("Conv2D/explicit", _X, _K, **_EXPLICIT),
    case("Conv2D/nchw", _NCHW, _K, **_conv(data_format=b"NCHW")),
    case("Conv2D/nchw-strided", _NCHW, _K, **_conv(data_format=b"NCHW", strides=2)),
    case("Conv2D/nchw-dilated", _NCHW, _K, **_conv(data_format=b"NCHW", dilations=2)),
    case(
        "Conv2D/nchw-explicit",
        _NCHW,
        _K,
        **{
            **_conv(data_format=b"NCHW"),
            "padding": b"EXPLICIT",
            "explicit_paddings": (0, 0, 0, 0, 1, 2, 0, 1),
        },
    ),
    case("Conv2D/pointwise", _X, wave(1, 1, 3, 4), **_conv()),
    case("Conv2D/wide", wave(1, 6, 6, 8), wave(3, 3, 8, 16, seed=2), **_conv()),
    *_fusions("_FusedConv2D", _BIAS, _ALPHA),
    _fused("_FusedConv2D", "no-bias", (b"Relu",)),
    _fused("_FusedConv2D", "nothing", ()),
    _fused("_FusedConv2D", "noop-relu", (b"NoOp", b"Relu")),
    _fused("_FusedConv2D", "noop-prelu", (b"NoOp", b"Prelu"), _ALPHA),
    _fused("_FusedConv2D", "bias-one", (b"BiasAdd",), f32([0.5])),
    _fused("_FusedConv2D", "strided-dilated", (b"BiasAdd",), _BIAS, **_conv(strides=2, dilations=2)),
    _fused("_FusedConv2D", "explicit", (b"BiasAdd", b"Relu"), _BIAS, **_EXPLICIT),
    _fused("_FusedConv2D", "batch-norm", (b"FusedBatchNorm",), _BIAS, _BIAS, _BIAS, _ALPHA),
    _fused("_FusedConv2D", "bias-map", (b"BiasAdd",), wave(1, 5, 5, 4, seed=6)),
    _fused("_FusedConv2D", "bias-scalar", (b"BiasAdd",), f32(0.5)),
    case("_FusedConv2D/nchw", _NCHW, _K, _BIAS, **_conv(data_format=b"NCHW"), num_args=1, fused_ops=(b"BiasAdd",)),
    case(
        "_FusedConv2D/nchw-strided",
        _NCHW,
        _K,
        _BIAS,
        **_conv(data_format=b"NCHW", strides=2),
        num_args=1,
        fused_ops=(b"BiasAdd",),
    ),
    case("_FusedConv2D/grouped", wave(1, 5, 5, 6), _K, _BIAS, **_conv(), num_args=1, fused_ops=(b"BiasAdd",)),
    case("Conv2DBackpropInput", i32([1, 5, 5, 3]), wave(3, 3, 3, 4), wave(1, 5, 5, 4, seed=2), **_conv()),
    case("Conv2DBackpropInput/strided", i32([1, 8, 8, 3]), wave(3, 3, 3, 4), _SQUARE, **_conv(strides=2)),
    case("Conv2DBackpropInput/dilated", i32([1, 4, 4, 3]), wave(3, 3, 3, 4), _SQUARE, **_conv(dilations=2)),
    case("Conv2DBackpropInput/nchw", i32([1, 4, 4, 4]), wave(3, 3, 4, 4), _SQUARE, **_conv(data_format=b"NCHW")),
    case(
        "Conv2DBackpropInput/explicit",
        i32([1, 4, 4, 3]),
        wave(3, 3, 3, 4),
        _SQUARE,
        **{**_conv(), "padding": b"EXPLICIT", "explicit_paddings": (0, 0, 1, 1, 1, 1, 0, 0)},
    ),
    case("DepthwiseConv2d", _X, _DW, **_conv()),
    case("DepthwiseConv2dNative", _X, _DW, **_conv()),
    case("DepthwiseConv2dNative/strided", _X, _DW, **_conv(strides=2)),
    case("DepthwiseConv2dNative/dilated", _X, _DW, **_conv(dilations=2)),
    case("DepthwiseConv2dNative/explicit", _X, _DW, **_EXPLICIT),
    case("DepthwiseConv2dNative/strided-dilated", _X, _DW, **_conv(strides=2, dilations=2)),
    case("DepthwiseConv2dNative/nchw", _NCHW, _DW, **_conv(data_format=b"NCHW")),
    case("DepthwiseConv2dNative/nchw-strided", _NCHW, _DW, **_conv(data_format=b"NCHW", strides=2)),
    *_fusions("FusedDepthwiseConv2dNative", wave(3, seed=7), wave(3, seed=8, low=0.0, high=0.5)),
    _fused("FusedDepthwiseConv2dNative", "no-bias", (b"Relu",)),
    _fused("FusedDepthwiseConv2dNative", "bias-scalar", (b"BiasAdd",), f32(0.5)),
    _fused("FusedDepthwiseConv2dNative", "noop-relu", (b"NoOp", b"Relu")),
    _fused("FusedDepthwiseConv2dNative", "strided-dilated", (b"BiasAdd",), wave(3), **_conv(strides=2, dilations=2)),
    _fused("FusedDepthwiseConv2dNative", "explicit", (b"BiasAdd",), wave(3), **_EXPLICIT),
    case(
        "FusedDepthwiseConv2dNative/nchw",
        _NCHW,
        _DW[..., :1],
        wave(3),
        **_conv(data_format=b"NCHW"),
        num_args=1,
        fused_ops=(b"BiasAdd",),
    ),
    case("Conv3D", wave(1, 3, 4, 4, 2), wave(2, 2, 2, 2, 3, seed=2), **_CONV3D),
    case(
        "Conv3D/strided",
        wave(1, 3, 4, 4, 2),
        wave(2, 2, 2, 2, 3, seed=2),
        **{**_CONV3D, "strides": (1, 2, 2, 2, 1), "padding": b"VALID"},
    ),
    case("Conv3D/dilated", wave(1, 4, 4, 4, 2), wave(2, 2, 2, 2, 3), **{**_CONV3D, "dilations": (1, 2, 2, 2, 1)}),
    case(
        "Conv3D/strided-dilated",
        wave(1, 5, 5, 5, 2),
        wave(2, 2, 2, 2, 3),
        **{**_CONV3D, "dilations": (1, 2, 2, 2, 1), "strides": (1, 2, 2, 2, 1)},
    ),
    case(
        "Conv3D/ncdhw",
        wave(1, 2, 3, 4, 4),
        wave(2, 2, 2, 2, 3, seed=2),
        **{**_CONV3D, "data_format": b"NCDHW"},
    ),
    case(
        "Dilation2D",
        _X,
        wave(2, 2, 3, seed=2),
        T=FLOAT,
        strides=(1, 1, 1, 1),
        rates=(1, 1, 1, 1),
        padding=b"SAME",
    ),
    case("AvgPool", wave(1, 4, 4, 2), **_pool()),
    case("AvgPool/same", wave(1, 5, 5, 2), **_pool(k=3, padding=b"SAME")),
    case("AvgPool/nchw", wave(1, 4, 4, 4), **_POOL_NCHW),
    case("MaxPool", wave(1, 4, 4, 2), **_pool(explicit_paddings=())),
    case("MaxPool/same", wave(1, 5, 5, 2), **_pool(k=3, padding=b"SAME", explicit_paddings=())),
    case("MaxPool/nchw", wave(1, 4, 4, 4), **_POOL_NCHW, explicit_paddings=()),
    case(
        "MaxPool/explicit",
        wave(1, 4, 4, 2),
        **_pool(padding=b"EXPLICIT", explicit_paddings=(0, 0, 1, 1, 1, 1, 0, 0)),
    ),
    case(
        "MaxPoolWithArgmax",
        wave(1, 4, 4, 2),
        outputs=2,
        T=FLOAT,
        ksize=(1, 2, 2, 1),
        strides=(1, 2, 2, 1),
        padding=b"VALID",
        Targmax=INT,
        include_batch_in_index=False,
    ),
    case(
        "MaxPoolWithArgmax/value",
        wave(1, 4, 4, 2),
        T=FLOAT,
        ksize=(1, 2, 2, 1),
        strides=(1, 2, 2, 1),
        padding=b"VALID",
        Targmax=INT,
        include_batch_in_index=False,
    ),
    case("AvgPool3D", wave(1, 4, 4, 4, 2), **_POOL3D),
    case("MaxPool3D", wave(1, 4, 4, 4, 2), **_POOL3D),
    case("AvgPool3D/ncdhw", wave(1, 2, 4, 4, 4), **_POOL3D_FIRST),
    case("MaxPool3D/ncdhw", wave(1, 2, 4, 4, 4), **_POOL3D_FIRST),
)

MATRICES: tuple[OpCase, ...] = (
    *_fusions("_FusedMatMul", _BIAS, _ALPHA),
    _fused("_FusedMatMul", "bias-matrix", (b"BiasAdd",), wave(2, 4, seed=6)),
    _fused("_FusedMatMul", "bias-scalar", (b"BiasAdd",), f32(0.5)),
    _fused("_FusedMatMul", "bias-cube", (b"BiasAdd",), wave(1, 1, 4, seed=6)),
    _fused("_FusedMatMul", "no-bias", (b"Relu",)),
    _fused("_FusedMatMul", "noop-relu", (b"NoOp", b"Relu")),
    _fused("_FusedMatMul", "nothing", ()),
    _fused("_FusedMatMul", "bias-one", (b"BiasAdd",), f32([0.5])),
    case("MatMul", wave(2, 5), wave(5, 4, seed=2), T=FLOAT, transpose_a=False, transpose_b=False),
    case("MatMul/transposed", wave(5, 2), wave(4, 5, seed=2), T=FLOAT, transpose_a=True, transpose_b=True),
    case("MatMul/int32", whole(2, 5), whole(5, 4, seed=2), T=INT, transpose_a=False, transpose_b=False),
    case("BatchMatMul", wave(2, 2, 5), wave(2, 5, 4, seed=2), T=FLOAT, adj_x=False, adj_y=False),
    case("BatchMatMulV2", wave(2, 2, 5), wave(2, 5, 4, seed=2), T=FLOAT, adj_x=False, adj_y=False),
    case("BatchMatMulV2/broadcast", wave(2, 2, 3, 5), wave(5, 4, seed=2), T=FLOAT, adj_x=False, adj_y=False),
    case("BatchMatMulV2/adjoint", wave(2, 5, 3), wave(2, 4, 5, seed=2), T=FLOAT, adj_x=True, adj_y=True),
    case("BatchMatMulV2/int32", whole(2, 2, 5), whole(2, 5, 4, seed=2), T=INT, adj_x=False, adj_y=False),
    case("Transpose", wave(2, 3, 4), i32([2, 0, 1]), T=FLOAT, Tperm=INT),
    case("Transpose/int32", whole(2, 3), i32([1, 0]), T=INT, Tperm=INT),
    case("Transpose/rank-5", wave(1, 2, 3, 2, 2), i32([0, 3, 1, 4, 2]), T=FLOAT, Tperm=INT),
    case("Transpose/bool", boolean([[True, False], [False, False]]), i32([1, 0]), T=DType("bool"), Tperm=INT),
    case("Transpose/rank-7", wave(1, 2, 1, 2, 1, 2, 2), i32([0, 3, 1, 4, 2, 6, 5]), T=FLOAT, Tperm=INT),
    case("Transpose/rank-6", wave(1, 2, 3, 2, 1, 2), i32([0, 3, 1, 4, 2, 5]), T=FLOAT, Tperm=INT),
    case("BatchMatMulV2/rank-5", wave(1, 2, 2, 3, 5), wave(1, 2, 2, 5, 4, seed=2), T=FLOAT, adj_x=False, adj_y=False),
    case("Einsum", wave(2, 3), wave(3, 4, seed=2), T=FLOAT, equation=b"ij,jk->ik", N=2),
    case("Einsum/batch", wave(2, 3, 2), wave(2, 4, 2, seed=2), T=FLOAT, equation=b"bqd,bkd->bqk", N=2),
    case("Einsum/attention", wave(2, 3, 4), wave(4, 2, 3, seed=2), T=FLOAT, equation=b"abc,cde->abde", N=2),
    case("Einsum/upper", wave(2, 3), wave(3, 4, seed=2), T=FLOAT, equation=b"BC,CD->BD", N=2),
    case("Einsum/mixed-case", wave(2, 3, 2), wave(2, 4, 2, seed=2), T=FLOAT, equation=b"bTd,btd->bTt", N=2),
    case("Einsum/ellipsis", wave(2, 2, 3), wave(3, 4, seed=2), T=FLOAT, equation=b"...ij,jk->...ik", N=2),
    case("Einsum/trace", wave(3, 3), T=FLOAT, equation=b"ii->i", N=1),
    case("Einsum/sum", wave(2, 3), T=FLOAT, equation=b"ij->i", N=1),
    case("Einsum/sum-all", wave(2, 3), T=FLOAT, equation=b"ij->", N=1),
    case("Einsum/dot", wave(3), wave(3, seed=2), T=FLOAT, equation=b"i,i->", N=2),
    case("Einsum/outer", wave(3), wave(2, seed=2), T=FLOAT, equation=b"i,j->ij", N=2),
    case("Einsum/sum-one", wave(2, 3), wave(3, 4, seed=2), T=FLOAT, equation=b"ij,jk->k", N=2),
    case("Einsum/sum-second", wave(2, 3), wave(3, 4, seed=2), T=FLOAT, equation=b"ij,jk->i", N=2),
    case("Einsum/sum-disjoint", wave(2, 3), wave(4, 2, seed=2), T=FLOAT, equation=b"ij,kl->jl", N=2),
    case("Einsum/left-alone", wave(2, 3), wave(4, seed=2), T=FLOAT, equation=b"ij,k->ik", N=2),
    case("Einsum/swapped", wave(2, 3, 4), wave(2, 4, 5, seed=2), T=FLOAT, equation=b"bij,bjk->kib", N=2),
    case("Einsum/heads", wave(2, 3, 2, 4), wave(2, 5, 2, 4, seed=2), T=FLOAT, equation=b"aecd,abcd->acbe", N=2),
    case("Einsum/transpose", wave(2, 3), T=FLOAT, equation=b"ij->ji", N=1),
    case("MatrixBandPart", wave(3, 3), i32(-1), i32(-1), T=FLOAT, Tindex=INT),
    case("MatrixBandPart/tridiagonal", wave(4, 4), i32(1), i32(1), T=FLOAT, Tindex=INT),
    case("MatrixBandPart/lower", wave(3, 3), i32(-1), i32(0), T=FLOAT, Tindex=INT),
    case("MatrixBandPart/upper", wave(3, 3), i32(0), i32(-1), T=FLOAT, Tindex=INT),
)

NORMALIZATION: tuple[OpCase, ...] = (
    case("EuclideanNorm", wave(2, 3), i32([1]), T=FLOAT, keep_dims=False),
    case("EuclideanNorm/keep-dims", wave(2, 3, 2), i32([-1]), T=FLOAT, keep_dims=True),
    *(
        case(op, *_BATCH_NORM, T=FLOAT, epsilon=0.01, data_format=b"NHWC", is_training=False)
        for op in ("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3")
    ),
    *(
        case(
            f"{op}/training",
            _BATCH_NORM[0], _BATCH_NORM[1], _BATCH_NORM[2], f32([]), f32([]),
            T=FLOAT, epsilon=0.01, data_format=b"NHWC", is_training=True,
        )
        for op in ("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3")
    ),
    case(
        "FusedBatchNormV3/nchw",
        wave(2, 2, 3, 3), *_BATCH_NORM[1:],
        T=FLOAT, epsilon=0.01, data_format=b"NCHW", is_training=False,
    ),
    case(
        "FusedBatchNormV3/nchw-square",
        wave(1, 2, 2, 2), *_BATCH_NORM[1:],
        T=FLOAT, epsilon=0.01, data_format=b"NCHW", is_training=False,
    ),
    case("Softmax/rank-5", wave(1, 1, 2, 2, 3), T=FLOAT),
    case("LRN", wave(1, 2, 2, 7), T=FLOAT, depth_radius=2, bias=1.0, alpha=0.5, beta=0.75),
    case("LRN/default", wave(1, 2, 2, 7), T=FLOAT),
    case("Softmax", wave(2, 5), T=FLOAT),
    case("Softmax/rank-3", wave(2, 2, 5), T=FLOAT),
    case("LogSoftmax", wave(2, 5), T=FLOAT),
)  # fmt: skip

_IMAGES = wave(1, 3, 4, 2)


def _resize(align: bool, half: bool) -> dict[str, AttrValue]:
    return {"T": FLOAT, "align_corners": align, "half_pixel_centers": half}


IMAGE: tuple[OpCase, ...] = (
    *(
        made
        for op in ("ResizeBilinear", "ResizeNearestNeighbor")
        for made in (
            case(op, _IMAGES, i32([6, 8]), **_resize(False, True)),
            case(f"{op}/corners", _IMAGES, i32([6, 8]), **_resize(True, False)),
            case(f"{op}/legacy", _IMAGES, i32([6, 8]), **_resize(False, False)),
            case(f"{op}/down", wave(1, 6, 8, 2), i32([3, 3]), **_resize(False, True)),
            case(f"{op}/int32", whole(1, 3, 4, 2), i32([6, 8]), **{**_resize(False, True), "T": INT}),
        )
    ),
    case(
        "CropAndResize",
        wave(2, 4, 4, 2), f32([[0.0, 0.0, 1.0, 1.0], [0.1, 0.2, 0.8, 0.9]]), i32([0, 1]), i32([3, 3]),
        T=FLOAT, method=b"bilinear", extrapolation_value=0.0,
    ),
    case(
        "CropAndResize/outside",
        wave(1, 4, 4, 2), f32([[-0.4, 0.0, 1.3, 1.0]]), i32([0]), i32([4, 3]),
        T=FLOAT, method=b"nearest", extrapolation_value=0.5,
    ),
    case(
        "ImageProjectiveTransformV3",
        wave(1, 4, 4, 2), f32([[1.0, 0.2, -0.5, 0.1, 0.9, 0.3, 0.0, 0.0]]), i32([4, 4]), f32(0.0),
        dtype=FLOAT, interpolation=b"BILINEAR", fill_mode=b"CONSTANT",
    ),
    *(
        case(
            f"ImageProjectiveTransformV3/{mode.lower()}-{way.lower()}",
            wave(1, 4, 4, 2), f32([[1.0, 0.0, -1.6, 0.0, 1.0, 2.3, 0.0, 0.0]]), i32([4, 4]), f32(0.5),
            dtype=FLOAT, interpolation=way.encode(), fill_mode=mode.encode(),
        )
        for mode in ("REFLECT", "WRAP", "NEAREST", "CONSTANT")
        for way in ("NEAREST", "BILINEAR")
    ),
)  # fmt: skip
