"""Cases of the categories arithmetic, basic_math, logical and graph."""

from __future__ import annotations

from tfjsci.graph.graph import DType

from .case import FLOAT, INT, OpCase, boolean, c64, case, f32, i32, text, wave, whole

_A, _B = wave(2, 3, seed=1), wave(2, 3, seed=5)
_ROW = wave(3, seed=9)
_POS = wave(2, 3, seed=2, low=0.1, high=3.0)
_UNIT = wave(2, 3, seed=3, low=-0.9, high=0.9)
_ABOVE_ONE = wave(2, 3, seed=4, low=1.1, high=4.0)
_I, _J = whole(2, 3, seed=1), i32([[1, 2, 3], [4, -3, -2]])
_NATURAL, _DIVISOR = whole(2, 3, seed=7, low=0, high=20), i32([[1, 2, 3], [4, 3, 2]])
_P, _Q = boolean([[True, False, True], [False, False, True]]), boolean([[True, True, False], [False, True, True]])
_ODD = f32([[float("nan"), float("inf"), 1.0], [-float("inf"), 0.0, -2.0]])

ARITHMETIC: tuple[OpCase, ...] = (
    case("Add", _A, _B, T=FLOAT),
    case("AddV2", _A, _B, T=FLOAT),
    case("AddV2/broadcast", _A, _ROW, T=FLOAT),
    case("AddV2/int32", _I, _J, T=INT),
    case("AddV2/rank-5", wave(1, 2, 2, 2, 3), wave(2, 1, 3, seed=4), T=FLOAT),
    case("AddV2/rank-6", wave(1, 2, 2, 2, 1, 3), wave(2, 1, 3, seed=4), T=FLOAT),
    case("AddV2/rank-5-vector", wave(1, 2, 2, 2, 3), wave(3, seed=4), T=FLOAT),
    case("AddV2/rank-5-long-vector", wave(1, 1, 1, 2, 130), wave(130, seed=4), T=FLOAT),
    case("AddV2/rank-4-vector", wave(1, 2, 2, 3), wave(3, seed=4), T=FLOAT),
    case("AddV2/rank-7", wave(1, 2, 1, 2, 2, 1, 3), wave(2, 1, 3, seed=4), T=FLOAT),
    case("AddV2/rank-7-plain", wave(1, 2, 1, 2, 2, 1, 3), wave(1, 2, 1, 2, 2, 1, 3, seed=4), T=FLOAT),
    case("AddN", _A, _B, _POS, T=FLOAT),
    case("BiasAdd", wave(1, 3, 3, 2), wave(2, seed=4), T=FLOAT, data_format=b"NHWC"),
    case("BiasAdd/matrix", _A, _ROW, T=FLOAT, data_format=b"NHWC"),
    case("BiasAdd/nchw", wave(1, 2, 3, 3), wave(2, seed=4), T=FLOAT, data_format=b"NCHW"),
    case("BiasAdd/nchw-square", wave(1, 3, 3, 3), wave(3, seed=4), T=FLOAT, data_format=b"NCHW"),
    case("AddV2/uint8-beyond", i32([250, 1, 255]), i32([10, 2, 0]), types=("uint8", "uint8"), T=DType("uint8")),
    case("Sub/uint8-below", i32([5, 10]), i32([10, 5]), types=("uint8", "uint8"), T=DType("uint8")),
    case("Sub", _A, _B, T=FLOAT),
    case("Sub/int32", _I, _J, T=INT),
    case("RealDiv", _A, _POS, T=FLOAT),
    case("Div", _A, _POS, T=FLOAT),
    case("Div/int32", _I, _J, T=INT),
    case("DivNoNan", _A, f32([[0.0, 2.0, 0.0], [1.0, -4.0, 3.0]]), T=FLOAT),
    case("FloorDiv", _A, _POS, T=FLOAT),
    case("FloorDiv/int32", _I, _J, T=INT),
    case("Mul", _A, _B, T=FLOAT),
    case("Mul/int32", _I, _J, T=INT),
    case("Maximum", _A, _B, T=FLOAT),
    case("Maximum/int32", _I, _J, T=INT),
    case("Minimum", _A, _B, T=FLOAT),
    case("Minimum/int32", _I, _J, T=INT),
    case("Pow", _POS, _B, T=FLOAT),
    case("Pow/square", _A, f32(2.0), T=FLOAT),
    case("Pow/cube", _A, f32(3.0), T=FLOAT),
    case("Pow/int32", _I, i32([[1, 2, 3], [0, 2, 1]]), T=INT),
    case("SquaredDifference", _A, _B, T=FLOAT),
    case("SquaredDifference/int32", _I, _J, T=INT),
    case("Mod/int32", _I, _J, T=INT),
    case("Mod", _A, _POS, T=FLOAT),
    case("FloorMod", _A, _POS, T=FLOAT),
    case("FloorMod/int32", _I, _J, T=INT),
    case("FloorMod/natural", _NATURAL, _DIVISOR, T=INT),
)

_UNARY = {
    "Abs": _A, "Acos": _UNIT, "Asin": _UNIT, "Atan": _A, "Ceil": _A, "Cos": _A, "Cosh": _A, "Elu": _A, "Exp": _A,
    "Floor": _A, "Log": _POS, "Neg": _A, "Relu": _A, "Relu6": wave(2, 3, low=-8, high=16), "Selu": _A,
    "Sigmoid": _A, "Sin": _A, "Sinh": _A, "Sqrt": _POS, "Rsqrt": _POS, "Square": _A, "Tan": _UNIT, "Tanh": _A,
    "Sign": _A, "Round": _A, "Expm1": _A, "Log1p": _POS, "Reciprocal": _POS, "Softplus": _A, "Asinh": _A,
    "Acosh": _ABOVE_ONE, "Atanh": _UNIT, "Erf": _A,
}  # fmt: skip
_UNARY_INT = ("Abs", "Neg", "Relu", "Relu6", "Square", "Sign")  # not Round: TensorFlow 2.21 itself gives zeros

BASIC_MATH: tuple[OpCase, ...] = (
    *(case(op, value, T=FLOAT) for op, value in _UNARY.items()),
    *(case(f"{op}/int32", _I, T=INT) for op in _UNARY_INT),
    case("Relu/rank-7", wave(1, 2, 1, 2, 2, 1, 3), T=FLOAT),
    case("Asinh/large", f32([[-3e4, -1e4, -300.0], [0.5, 300.0, 3e4]]), T=FLOAT),
    case("Tanh/large", f32([-60.0, -20.0, 0.0, 20.0, 60.0]), T=FLOAT),
    case("Sigmoid/large", f32([-60.0, -20.0, 0.0, 20.0, 60.0]), T=FLOAT),
    case("Softplus/large", f32([-60.0, -20.0, 0.0, 20.0, 60.0]), T=FLOAT),
    case("Round/half", f32([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5]), T=FLOAT),
    case("Sign/zero", f32([-2.5, 0.0, 0.5]), T=FLOAT),
    case("Atan2", _A, _B, T=FLOAT),
    case("ClipByValue", _A, f32(-0.5), f32(1.0), T=FLOAT),
    case("ClipByValue/tensor-bounds", _A, wave(2, 3, low=-1.0, high=-0.1), wave(2, 3, low=0.1, high=1.0), T=FLOAT),
    case("ClipByValue/int32", _I, i32(-3), i32(4), T=INT),
    case("Complex", _A, _B, T=FLOAT),
    case("ComplexAbs", c64(2, 3)),
    case("Imag", c64(2, 3)),
    case("Real", c64(2, 3)),
    case("Prelu", _A, f32([0.1, 0.2, 0.3])),
    case("Prelu/spread", wave(2, 3, 2), wave(1, 3, 1, seed=3)),
    case("LeakyRelu", _A, T=FLOAT, alpha=0.3),
    case("LeakyRelu/default", _A, T=FLOAT),
    case("IsNan", _ODD, T=FLOAT),
    case("IsFinite", _ODD, T=FLOAT),
    case("IsInf", _ODD, T=FLOAT),
)

_COMPARE = ("Equal", "NotEqual", "Greater", "GreaterEqual", "Less", "LessEqual")
_TIES = f32([[-2.0, 0.5, 1.0], [_A[1, 0], 0.0, 3.0]])

LOGICAL: tuple[OpCase, ...] = (
    *(case(op, _A, _TIES, T=FLOAT) for op in _COMPARE),
    *(case(f"{op}/int32", _I, _J, T=INT) for op in _COMPARE),
    case("Equal/bool", _P, _Q),
    case("NotEqual/bool", _P, _Q),
    case("NotEqual/string", text([b"a", b"bc"]), text([b"a", b"b"])),
    case("Equal/string", text([b"a", b"bc"]), text([b"a", b"b"])),
    case("LogicalAnd", _P, _Q),
    case("LogicalOr", _P, _Q),
    case("LogicalNot", _P),
    case("Select", _P, _A, _B, T=FLOAT),
    case("Select/vector-square", boolean([True, False, True]), wave(3, 3), wave(3, 3, seed=6), T=FLOAT),
    case("Select/vector", boolean([True, False]), _A, _B, T=FLOAT),
    case("Select/vector-vector", boolean([True, False, True]), _ROW, wave(3, seed=6), T=FLOAT),
    case("Select/scalar", boolean(True), _A, _B, T=FLOAT),
    case("Select/int32", _P, _I, _J, T=INT),
    case("SelectV2", _P, _A, _B, T=FLOAT),
    case("SelectV2/broadcast", boolean([True, False, True]), _A, f32(0.0), T=FLOAT),
    case("SelectV2/column", boolean([[True], [False]]), _A, f32(-1e9), T=FLOAT),
    case("SelectV2/int32", _P, _I, _J, T=INT),
    case("SelectV2/bool", _P, _Q, _P),
    case("SelectV2/rank-5", boolean([True, False, True]), wave(1, 2, 2, 2, 3), f32(0.0), T=FLOAT),
    case("SelectV2/rank-5-scalar", boolean(True), wave(1, 2, 2, 2, 3), f32(0.0), T=FLOAT),
    case("SelectV2/string", boolean([True, False]), text([b"a", b"b"]), text([b"c", b"d"])),
    case("BitwiseAnd", _NATURAL, _DIVISOR, T=INT),
)

GRAPH: tuple[OpCase, ...] = (
    case("Identity", _A, T=FLOAT),
    case("IdentityN", _A, _I, outputs=2, T=(FLOAT, INT)),
    case("Snapshot", _A, T=FLOAT),
    case("StopGradient", _A, T=FLOAT),
    case("Identity/string", text([b"a", b"bc"])),
    case("Rank", wave(2, 3, 4), T=FLOAT, out_type=INT),
    case("Size", wave(2, 3, 4), T=FLOAT, out_type=INT),
    case("Shape", wave(2, 3, 4), T=FLOAT, out_type=INT),
    case("ShapeN", wave(2, 3), wave(4), outputs=2, T=FLOAT, out_type=INT),
    case("PlaceholderWithDefault", _A, dtype=FLOAT),
    case("Print", _A, _ROW, message=b"", T=FLOAT, summarize=3),
    case("FakeQuantWithMinMaxVars", _A, f32(-1.5), f32(1.5), num_bits=4, narrow_range=False),
)
