"""Complex numbers, which most kernels don't take: they hold a tensor's two parts apart, and few look for them.

Sources: ``assertNotComplex`` of the cpu kernels, ``runWebGLProgram`` and ``runWebGPUProgram`` of 4.22.0, which refuse a complex
input, and what the browser did (op_cases).
"""

from __future__ import annotations

from tfjsci.catalog.node_view import NodeView
from tfjsci.catalog.restrictions.restriction import GPU, WASM, Restriction, ops
from tfjsci.dtypes import Backend

COMPLEX = frozenset({"complex64", "complex128"})

_PARTS = "Compute the real and the imaginary part apart."

_REFUSED = ops(
    "Acos", "Acosh", "AddN", "Asin", "Asinh", "Atan", "Atanh", "BatchMatMul", "BatchMatMulV2", "BroadcastTo",
    "ClipByValue", "Cos", "Cosh", "Cumprod", "OneHot", "SparseFillEmptyRows",
    "SparseToDense", "_FusedMatMul", "Cumsum", "DepthToSpace", "Div",
    "DivNoNan", "Einsum", "Equal", "Exp", "Expm1", "Fill", "Gather", "GatherNd", "GatherV2", "Log", "Log1p", "MatMul",
    "MatrixBandPart", "MirrorPad", "Neg", "NotEqual", "Pad", "PadV2", "Pow", "Prod", "RealDiv", "Reciprocal",
    "Reverse", "ReverseV2", "Rsqrt", "ScatterNd", "Select", "SelectV2", "Sigmoid", "Sign", "Sin", "Sinh", "Slice",
    "SpaceToBatchND",
    "BatchToSpaceND", "Split", "SplitV", "Sqrt", "Square", "SquaredDifference", "StridedSlice", "Sum", "Tan", "Tanh",
    "TensorScatterUpdate", "Tile", "Unpack",
)  # fmt: skip
_JOINED = ops("Add", "AddV2", "BiasAdd", "Mul", "Sub")

_NOT_WASM: tuple[Backend, ...] = ("webgl", "webgpu", "cpu")


def _complex(view: NodeView) -> bool:
    return any(view.dtype(i, "") in COMPLEX for i in range(len(view.node.inputs)))


def _complex_spread(view: NodeView) -> bool:
    """Shapes that surely differ."""
    first, second = view.shape(0), view.shape(1)
    if not _complex(view) or first is None or second is None:
        return False
    return len(first) != len(second) or any(a != b and None not in (a, b) for a, b in zip(first, second, strict=True))


RESTRICTIONS: tuple[Restriction, ...] = (
    Restriction(
        ops=_REFUSED,
        effect="throws",
        says="the runtime doesn't do this with complex numbers",
        when=_complex,
        backends=_NOT_WASM,
        hint=_PARTS,
    ),
    Restriction(
        ops=ops(
            "TensorArrayScatterV3",
            "TensorArraySplitV3",
            "TensorArrayWriteV3",
            "TensorListFromTensor",
            "TensorListPushBack",
            "TensorListScatter",
            "TensorListScatterV2",
            "TensorListSetItem",
        ),
        effect="throws or silently wrong",
        says="lists of complex numbers are cut by a kernel that doesn't take them",
        when=_complex,
        backends=_NOT_WASM,
        hint=_PARTS,
    ),
    Restriction(
        ops=ops("EuclideanNorm"),
        effect="silently wrong",
        says="the norm of complex numbers is called float32",
        when=_complex,
        backends=_NOT_WASM,
        hint=_PARTS,
    ),
    Restriction(
        ops=ops("Mean"),
        effect="throws or silently wrong",
        says="the mean of complex numbers isn't computed, and cpu doesn't say so",
        when=_complex,
        backends=_NOT_WASM,
        hint=_PARTS,
    ),
    Restriction(
        ops=_JOINED,
        effect="silently wrong",
        says="cpu spreads complex numbers wrongly over those of another shape",
        when=_complex_spread,
        backends=("cpu",),
        hint=_PARTS,
    ),
    Restriction(
        ops=ops("Pack"),
        effect="silently wrong",
        says="the GPU backends join complex numbers without a new dimension",
        when=_complex,
        backends=GPU,
        hint="Give them the dimension first (ExpandDims) and concatenate.",
    ),
    Restriction(
        ops=ops("Cast"),
        effect="throws",
        says="wasm has no complex numbers",
        when=lambda view: view.dtype_attr("DstT") in COMPLEX and not _complex(view),
        backends=WASM,
        hint=_PARTS,
    ),
    Restriction(
        ops=ops("Reshape", "ExpandDims", "Squeeze"),
        effect="silently wrong",
        says="on the GPU backends, the parts of a complex tensor keep their old shape",
        when=_complex,
        backends=GPU,
        hint="Reshape the real and the imaginary part.",
    ),
    Restriction(
        ops=ops("FFT", "IFFT", "RFFT"),
        effect="silently wrong",
        says="on the GPU backends, real and imaginary part of the result have 2 dimensions",
        when=lambda view: view.rank(0) not in (None, 2),
        backends=GPU,
        hint="Reshape to rows first, and the real and the imaginary part back after it.",
    ),
    Restriction(
        ops=ops("IRFFT"),
        effect="silently wrong",
        says="the result has 2 dimensions, unless the input has 3",
        when=lambda view: view.rank(0) not in (None, 2, 3),
        backends=_NOT_WASM,
        hint="Reshape to rows of spectra first, and back after it.",
    ),
)
