"""Dtypes that the runtime has no name for, computes in another way, or that one backend's kernel mistakes.

Sources: ``parseDtypeParam`` of tfjs-converter 4.22.0, the kernels of the backends, and what the browser did (op_cases).
"""

from __future__ import annotations

from tfjsci.catalog.bounds import bounds_of, range_of, result_of
from tfjsci.catalog.node_view import NodeView
from tfjsci.catalog.restrictions.restriction import GPU, WASM, Restriction, ops

INTEGERS = frozenset({"int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"})
NARROW = frozenset({"int8", "uint8", "int16", "uint16"})
FLOATS = frozenset({"float16", "bfloat16", "float32", "float64"})
KNOWN = frozenset(
    {"float16", "float32", "float64", "int8", "uint8", "int32", "int64", "bool", "string", "complex64", "complex128"}
)
"""What ``parseDtypeParam`` translates; any other dtype becomes null."""

READ_AS_DTYPE = {"Cast": "DstT", "Range": "Tidx", "Fill": "T", "OneHot": "T"}
"""Op -> the attribute that the executor gives its kernel as a dtype."""

_NEVER_STRINGS = ops(
    "BatchToSpaceND", "BroadcastTo", "Gather", "GatherV2", "MirrorPad", "Pad", "PadV2", "Reverse", "ReverseV2",
    "ScatterNd", "Select", "SelectV2", "SpaceToBatchND", "TensorScatterUpdate", "TopKV2", "Transpose",
)  # fmt: skip
_NO_STRING_ON_WASM = ops("Equal", "NotEqual", "Fill", "Tile", "GatherNd", "SparseToDense")
_STRINGS = "Look words up outside of the model, and feed it their numbers."


class InputIs:
    """``when`` of a restriction on the dtype of an input (or of attribute T, where the input's isn't known)."""

    def __init__(self, dtypes: frozenset[str], *, index: int = 0) -> None:
        self.dtypes, self.index = dtypes, index

    def __call__(self, view: NodeView) -> bool | str:
        """The dtype, when it is one of them."""
        dtype = view.dtype(self.index)
        return dtype if dtype in self.dtypes else False


def _nameless(view: NodeView) -> bool | str:
    dtype = view.dtype_attr(READ_AS_DTYPE[view.op])
    return dtype if dtype is not None and dtype not in KNOWN else False


def _narrowing(view: NodeView) -> bool | str:
    target, source = view.dtype_attr("DstT"), view.dtype(0, "SrcT")
    if target not in ("int8", "uint8") or source in (target, "bool"):
        return False
    return False if bounds_of(view.graph, view.node.inputs[0]).cut().within(range_of(target)) else target


def _maybe_far_below_0(view: NodeView) -> bool:
    """From -30 on the error is seen."""
    return bounds_of(view.graph, view.node.inputs[0]).low < -30


def _wrapping(view: NodeView) -> bool | str:
    dtype = view.dtype(0)
    return dtype if dtype in NARROW and not result_of(view.graph, view.node).within(range_of(dtype)) else False


def _to_bool(view: NodeView) -> bool | str:
    source = view.dtype(0, "SrcT")
    return f"from {source}" if view.dtype_attr("DstT") == "bool" and source != "bool" else False


def _not_int_one_hot(view: NodeView) -> bool | str:
    dtype = view.dtype(2)
    return dtype if dtype is not None and dtype not in INTEGERS else False


def _complex(view: NodeView) -> bool:
    return any((view.dtype(i, "") or "").startswith("complex") for i in range(len(view.node.inputs)))


def _string(view: NodeView) -> bool:
    return any(view.dtype(i, "") == "string" for i in range(len(view.node.inputs)))


def _string_steps(view: NodeView) -> bool:
    strides = view.value(3)
    return view.dtype(0) == "string" and strides is not None and bool((strides != 1).any())


RESTRICTIONS: tuple[Restriction, ...] = (
    Restriction(
        ops=frozenset(READ_AS_DTYPE),
        effect="throws",
        says="the runtime has no such dtype",
        when=_nameless,
        hint="Use float32 or int32: the runtime holds every number as one of them.",
    ),
    Restriction(
        ops=ops("Cast"),
        effect="silently wrong",
        says="values out of range don't wrap: the runtime keeps them as int32",
        when=_narrowing,
        hint="Cast to int32; where wrapping is meant, apply FloorMod 256.",
    ),
    Restriction(
        ops=ops("Conv1D", "_FusedConv2D"),
        effect="throws",
        says="the runtime convolves float32 only",
        when=InputIs(INTEGERS),
        hint="Cast to float32 before, and back after it.",
    ),
    Restriction(
        ops=ops("Prelu"),
        effect="silently wrong",
        says="the result of integers is called float32",
        when=InputIs(INTEGERS),
        hint="Cast to float32 before, and back after it.",
    ),
    Restriction(
        ops=ops("Dilation2D"),
        effect="silently wrong",
        says="webgl calls the result of integers float32",
        when=InputIs(INTEGERS),
        backends=("webgl",),
        hint="Cast to float32 before, and back after it.",
    ),
    Restriction(
        ops=ops("Add", "AddN", "AddV2", "Cumprod", "Cumsum", "Mul", "Neg", "Square", "Sub", "Sum"),
        effect="silently wrong",
        says="what goes beyond 8 or 16 bits doesn't wrap: the runtime keeps integers as int32",
        when=_wrapping,
        hint="Cast to int32 first; where wrapping is meant, apply FloorMod 256.",
    ),
    Restriction(
        ops=ops("Cast"),
        effect="silently wrong",
        says="wasm truncates to a byte instead of comparing with 0",
        when=_to_bool,
        backends=WASM,
        hint="Compare with 0 (NotEqual) instead of casting to bool.",
    ),
    Restriction(
        ops=ops("Div"),
        effect="silently wrong",
        says="integers are divided towards minus infinity, not towards 0",
        when=InputIs(INTEGERS),
        hint="Use FloorDiv where the signs agree, or divide floats and cast.",
    ),
    Restriction(
        ops=ops("Mod"),
        effect="silently wrong",
        says="the remainder takes the sign of the divisor, not of the dividend",
        hint="Use FloorMod where that is meant, or x - y × truncated(x / y).",
    ),
    Restriction(
        ops=ops("FloorDiv"),
        effect="silently wrong",
        says="the result of floats is called int32",
        when=InputIs(FLOATS),
        backends=("webgl", "webgpu", "cpu"),
        hint="Use Floor(RealDiv(x, y)).",
    ),
    Restriction(
        ops=ops("Mean"),
        effect="silently wrong",
        says="the mean of integers comes out as float32, not truncated",
        when=InputIs(INTEGERS),
        hint="Cast to float32 first, or cast the result.",
    ),
    Restriction(
        ops=ops("ShapeN"),
        effect="silently wrong",
        says="the shapes are called float32",
        hint="Use one Shape per tensor.",
    ),
    Restriction(
        ops=ops("OneHot"),
        effect="silently wrong",
        says="wasm writes the values as int32 whatever they are",
        when=_not_int_one_hot,
        backends=WASM,
        hint="Make it int32 and cast the result.",
    ),
    Restriction(
        ops=ops("ClipByValue"),
        effect="silently wrong",
        says="wasm clips the bits of integers as if they were floats",
        when=InputIs(INTEGERS),
        backends=WASM,
        hint="Use Minimum and Maximum.",
    ),
    Restriction(
        ops=ops("ResizeNearestNeighbor"),
        effect="silently wrong",
        says="wasm calls the result float32",
        when=InputIs(INTEGERS),
        backends=WASM,
        hint="Cast to float32 before resizing, and back after it.",
    ),
    Restriction(
        ops=ops("Select", "SelectV2"),
        effect="silently wrong",
        says="wasm selects between bool tensors as if they were wider, and writes past their end",
        when=InputIs(frozenset({"bool"}), index=1),
        backends=WASM,
        hint="Use LogicalAnd, LogicalOr and LogicalNot.",
    ),
    Restriction(
        ops=ops("SparseFillEmptyRows"),
        effect="silently wrong",
        says="wasm fills bool values as if they were wider, and counts wrong numbers of rows",
        when=InputIs(frozenset({"bool"}), index=1),
        backends=WASM,
        hint="Cast the values to int32 before it, and back after it.",
    ),
    Restriction(
        ops=ops("Asinh"),
        effect="silently wrong",
        says="the GPU backends compute log(x + √(x² + 1)), which loses everything for large negative x",
        when=_maybe_far_below_0,
        backends=GPU,
        hint="Compute sign(x) × asinh(|x|).",
    ),
    Restriction(
        ops=ops("MatMul", "_FusedMatMul", "BatchMatMul", "BatchMatMulV2", "Conv3D"),
        effect="throws",
        says="wasm multiplies float32 matrices only",
        when=InputIs(INTEGERS | {"bool"}),
        backends=WASM,
        hint="Cast to float32 before, and back after it.",
    ),
    Restriction(
        ops=ops("Conv2D", "DepthToSpace"),
        effect="throws",
        says="the runtime does this with floats only",
        when=InputIs(INTEGERS | {"bool"}),
        hint="Cast to float32 before, and back after it.",
    ),
    Restriction(
        ops=ops("MaxPool"),
        effect="throws",
        says="wasm pools floats only",
        when=InputIs(INTEGERS),
        backends=WASM,
        hint="Cast to float32 before, and back after it.",
    ),
    Restriction(
        ops=None,
        effect="throws",
        says="wasm has no complex numbers",
        when=_complex,
        backends=WASM,
        hint="Compute real and imaginary part apart, or run on webgl, webgpu or cpu.",
    ),
    Restriction(
        ops=_NEVER_STRINGS,
        effect="throws",
        says="the runtime does this with numbers only, not with strings",
        when=_string,
        hint=_STRINGS,
    ),
    Restriction(
        ops=_NO_STRING_ON_WASM,
        effect="throws or silently wrong",
        says="wasm does this with numbers only, not with strings",
        when=_string,
        backends=WASM,
        hint=_STRINGS,
    ),
    Restriction(
        ops=ops("StridedSlice"),
        effect="throws",
        says="strings are sliced with steps on cpu only",
        when=_string_steps,
        backends=("webgl", "webgpu", "wasm"),
        hint=_STRINGS,
    ),
)
