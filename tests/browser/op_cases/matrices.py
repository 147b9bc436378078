"""Cases of the categories matrices and normalization."""

from __future__ import annotations

from tfjsci.graph.graph import DType

from .case import FLOAT, INT, OpCase, boolean, case, f32, i32, wave, whole
from .fused import ALPHA, BIAS, fused, fusions

MATRICES: tuple[OpCase, ...] = (
    *fusions("_FusedMatMul", BIAS, ALPHA),
    fused("_FusedMatMul", "bias-matrix", (b"BiasAdd",), wave(2, 4, seed=6)),
    fused("_FusedMatMul", "bias-scalar", (b"BiasAdd",), f32(0.5)),
    fused("_FusedMatMul", "bias-cube", (b"BiasAdd",), wave(1, 1, 4, seed=6)),
    case(
        "_FusedMatMul/matrices",
        *(wave(2, 3, 5), wave(2, 5, 4, seed=2), wave(2, 3, 4, seed=6)),
        T=FLOAT,
        transpose_a=False,
        transpose_b=False,
        num_args=1,
        fused_ops=(b"BiasAdd", b"Sigmoid"),
        epsilon=1e-4,
    ),
    fused("_FusedMatMul", "no-bias", (b"Relu",)),
    fused("_FusedMatMul", "noop-relu", (b"NoOp", b"Relu")),
    fused("_FusedMatMul", "noop-prelu", (b"NoOp", b"Prelu"), ALPHA),
    fused("_FusedMatMul", "three", (b"BiasAdd", b"Relu", b"Sigmoid"), BIAS),
    fused("_FusedMatMul", "nothing", ()),
    fused("_FusedMatMul", "bias-one", (b"BiasAdd",), f32([0.5])),
    case(
        "_FusedMatMul/transposed",
        wave(2, 60),
        wave(4, 60, seed=2),
        BIAS,
        T=FLOAT,
        transpose_a=False,
        transpose_b=True,
        num_args=1,
        fused_ops=(b"BiasAdd",),
        epsilon=1e-4,
    ),
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
    case("BatchMatMulV2/leading", wave(3, 2, 5), wave(2, 3, 5, 4, seed=2), T=FLOAT, adj_x=False, adj_y=False),
    case("BatchMatMulV2/inside", wave(2, 1, 2, 5), wave(2, 3, 5, 4, seed=2), T=FLOAT, adj_x=False, adj_y=False),
    case("BatchMatMulV2/crosswise", wave(2, 1, 2, 5), wave(1, 3, 5, 4, seed=2), T=FLOAT, adj_x=False, adj_y=False),
    case("BatchMatMulV2/long-vector", wave(3, 1, 1100), wave(3, 1100, 2, seed=2), T=FLOAT, adj_x=False, adj_y=False),
    case("BatchMatMulV2/long-spread", wave(1, 1, 1100), wave(3, 1100, 2, seed=2), T=FLOAT, adj_x=False, adj_y=False),
    case("BatchMatMulV2/long-matrix", wave(1, 2, 1100), wave(3, 1100, 2, seed=2), T=FLOAT, adj_x=False, adj_y=False),
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
    case("MatrixBandPart/bool", boolean(wave(8, 9) > -9), i32(1), i32(1), T=DType("bool"), Tindex=INT),
    case("MatrixBandPart/lower", wave(3, 3), i32(-1), i32(0), T=FLOAT, Tindex=INT),
    case("MatrixBandPart/upper", wave(3, 3), i32(0), i32(-1), T=FLOAT, Tindex=INT),
)

_BATCH_NORM = (wave(2, 3, 3, 2), wave(2, seed=2), wave(2, seed=3), wave(2, seed=4), wave(2, seed=5, low=0.3, high=2.0))

NORMALIZATION: tuple[OpCase, ...] = (
    case("EuclideanNorm", wave(2, 3), i32([1]), T=FLOAT, keep_dims=False),
    case("EuclideanNorm/two-axes", wave(2, 3, 2), i32([0, 2]), T=FLOAT, keep_dims=False),
    case("EuclideanNorm/three-axes", wave(2, 3, 2), i32([0, 1, 2]), T=FLOAT, keep_dims=False),
    case("EuclideanNorm/int32", whole(2, 3), i32([1]), T=INT, keep_dims=False),
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
