"""Axes and other arguments that the runtime ignores or misreads.

Sources: executors and kernels of 4.22.0 as named beside each rule, and what the browser did (op_cases).
"""

from __future__ import annotations

import numpy as np

from tfjsci.catalog.node_view import NodeView
from tfjsci.catalog.restrictions.restriction import WASM, Restriction, ops

BINARY = ops(
    "Add", "AddV2", "BiasAdd", "Sub", "RealDiv", "Div", "FloorDiv", "Mul", "Maximum", "Minimum", "Pow",
    "SquaredDifference", "Mod", "FloorMod", "Atan2", "Prelu", "Equal", "NotEqual", "Greater", "GreaterEqual", "Less",
    "LessEqual", "LogicalAnd", "LogicalOr",
)  # fmt: skip
UNARY = ops(
    "Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Cast", "Ceil", "ClipByValue", "Cos", "Cosh", "Elu",
    "Erf", "Exp", "Expm1", "Floor", "IsFinite", "IsInf", "IsNan", "LeakyRelu", "Log", "Log1p", "LogicalNot", "Neg",
    "Reciprocal", "Relu", "Relu6", "Round", "Rsqrt", "Selu", "Sigmoid", "Sign", "Sin", "Sinh", "Softplus", "Sqrt",
    "Square", "Tan", "Tanh",
)  # fmt: skip


class RankAbove:
    """``when`` of a limit on the rank of some inputs (the first, unless told)."""

    def __init__(self, limit: int, *indices: int) -> None:
        self.limit, self.indices = limit, indices or (0,)

    def __call__(self, view: NodeView) -> bool | str:
        """The highest rank, when it is above the limit."""
        rank = max((view.rank(index) or 0 for index in self.indices), default=0)
        return f"rank {rank}" if rank > self.limit else False


def _short_vector(view: NodeView) -> bool | str:
    """``BinaryOpProgram`` keeps a vector below 128 values in shared memory, and counts coordinates like a vec's: up to 4."""
    shapes = sorted((shape for shape in (view.shape(0), view.shape(1)) if shape is not None), key=len)
    if len(shapes) < 2 or len(shapes[0]) != 1 or len(shapes[1]) <= 4:
        return False
    (size,) = shapes[0]
    return f"rank {len(shapes[1])} with a vector" if size is None or 1 < size < 128 else False


def _negative_axis(view: NodeView) -> bool:
    axis = view.value(1)
    return axis is not None and axis.size == 1 and int(axis.item()) < 0


def _other_axis(view: NodeView) -> bool | str:
    axis, rank = view.number("axis", -1), view.rank(0)
    return f"axis {axis}" if axis not in (-1, rank) else False


def _vector_condition(view: NodeView) -> bool:
    return view.rank(0) == 1 and (view.rank(1) or 0) > 1


def _band_differs(view: NodeView) -> bool:
    """Unless both are constant and equal: the executor reads ``numUpper`` from the input of ``numLower``."""
    lower, upper = view.value(1), view.value(2)
    return lower is None or upper is None or not np.array_equal(lower, upper)


def _tensor_bounds(view: NodeView) -> bool:
    return any((view.rank(index) or 0) > 0 for index in (1, 2))


def _fft_length_differs(view: NodeView) -> bool | str:
    length, size = view.value(1), view.size(0, -1)
    if length is None or length.size != 1 or size is None:
        return False
    wanted = int(length.item())
    given = size if view.op == "RFFT" else 2 * (size - 1)
    return f"{wanted}, where the input makes it {given}" if wanted != given else False


def _uneven_batches(view: NodeView) -> bool:
    """The kernel is told the number of batches where it wants the number of indices in each."""
    batch_dims = view.number("batch_dims", 0)
    indices = view.shape(1)
    if batch_dims == 0:
        return False
    if indices is None or any(size is None for size in indices):
        return True
    sizes = [size for size in indices if size is not None]
    batches, each = int(np.prod(sizes[:batch_dims])), int(np.prod(sizes[batch_dims:]))
    return batches not in (1, each)


def _steps(view: NodeView) -> bool:
    strides = view.value(3)
    return strides is not None and bool(np.any(strides != 1))


def _steps_not_float(view: NodeView) -> bool:
    return _steps(view) and view.dtype(0) not in (None, "float32", "float16", "float64", "string")


def _rest_first(view: NodeView) -> bool:
    """``prepareSplitSize`` sums the sizes from the first on, whatever it is."""
    sizes = view.value(1)
    return sizes is not None and bool((sizes.reshape(-1)[:1] == -1).all()) and sizes.size > 0


def _vector_binary_count(view: NodeView) -> bool:
    return view.flag("binary_output", False) and view.rank(0) == 1


def _soft(view: NodeView) -> bool:
    sigma = view.value(5)
    return sigma is not None and bool(np.any(sigma != 0))


RESTRICTIONS: tuple[Restriction, ...] = (
    Restriction(
        ops=ops("OneHot"),
        effect="silently wrong",
        says="the axis is ignored: the new dimension always comes last",
        when=_other_axis,
        hint="Use axis=-1 and transpose the result.",
    ),
    Restriction(
        ops=ops("Cumsum", "Cumprod"),
        effect="throws or silently wrong",
        says="a negative axis isn't understood (on wasm it breaks the models that run after it, too)",
        when=_negative_axis,
        hint="Count the axis from the front.",
    ),
    Restriction(
        ops=ops("Select"),
        effect="throws or silently wrong",
        says="a condition of rank 1 is spread along the last axis instead of the first",
        when=_vector_condition,
        hint="Reshape the condition to one value per row ([n, 1, …]), or use SelectV2.",
    ),
    Restriction(
        ops=ops("MatrixBandPart"),
        effect="silently wrong",
        says="num_lower is used for num_upper too",
        when=_band_differs,
        hint="Multiply by a constant mask, or build one by comparing Range with its transpose.",
    ),
    Restriction(
        ops=ops("ClipByValue"),
        effect="silently wrong",
        says="of bounds that are tensors only the first value is used",
        when=_tensor_bounds,
        hint="Use Minimum and Maximum.",
    ),
    Restriction(
        ops=ops("RFFT", "IRFFT"),
        effect="silently wrong",
        says="fft_length is ignored",
        when=_fft_length_differs,
        hint="Pad or slice the input to the wanted length first.",
    ),
    Restriction(
        ops=ops("GatherV2"),
        effect="silently wrong",
        says="wasm mixes up batches when their number isn't that of the indices in each",
        when=_uneven_batches,
        backends=WASM,
        hint="Flatten the batch into the indices (index + batch × size) and gather with batch_dims=0.",
    ),
    Restriction(
        ops=ops("StridedSlice"),
        effect="silently wrong",
        says="with steps other than 1, wasm calls the result float32 whatever it was",
        when=_steps_not_float,
        backends=WASM,
        hint="Slice floats, or use Reverse and Gather.",
    ),
    Restriction(
        ops=ops("SplitV"),
        effect="throws",
        says="a first size of -1 is reckoned wrongly",
        when=_rest_first,
        hint="Tell the first size, and leave -1 to a later one.",
    ),
    Restriction(
        ops=ops("DenseBincount"),
        effect="silently wrong",
        says="binary_output of a vector counts all the same",
        when=_vector_binary_count,
        backends=("webgl", "cpu"),
        hint="Count, and compare with 0.",
    ),
    Restriction(
        ops=ops("DenseBincount"),
        effect="silently wrong",
        says="webgpu ignores binary_output",
        when=lambda view: view.flag("binary_output", False),
        backends=("webgpu",),
        hint="Count, and compare with 0.",
    ),
    Restriction(
        ops=ops("NonMaxSuppressionV5"),
        effect="silently wrong",
        says="with soft suppression the runtime still drops boxes above the threshold",
        when=_soft,
        hint="Use soft_nms_sigma=0, or suppress after the model.",
    ),
    Restriction(
        ops=ops("FakeQuantWithMinMaxVars"),
        effect="silently wrong",
        says="it is passed through: nothing is clipped or rounded",
        hint="Remove the fake quantisation (strip the quantisation-aware wrappers) before the export.",
    ),
    Restriction(
        ops=ops("ImageProjectiveTransformV3"),
        effect="silently wrong",
        says="wasm reflects wrongly",
        when=lambda view: view.text("fill_mode").upper() == "REFLECT",
        backends=WASM,
        hint='Use another fill mode: "constant", "nearest" or "wrap".',
    ),
    Restriction(
        ops=BINARY,
        effect="silently wrong",
        says="webgpu combines a tensor of 5 or more dimensions wrongly with a short vector",
        when=_short_vector,
        backends=("webgpu",),
        hint="Give the vector a dimension of 1 before its own ([1, n]).",
    ),
)
