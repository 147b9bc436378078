"""Matrix products, parts of matrices, and norms.

Sources: the kernels ``BatchMatMul`` and ``_FusedMatMul`` of the 4.22.0 backends, ``norm`` and ``bandPart`` of tfjs-core, and
what the browser did (op_cases).
"""

from __future__ import annotations

from collections.abc import Sequence

from tfjsci.catalog.node_view import NodeView
from tfjsci.catalog.restrictions.dtypes import INTEGERS, InputIs
from tfjsci.catalog.restrictions.restriction import WASM, Restriction, ops
from tfjsci.graph.graph import Shape

LONG_VECTOR = 1000
"""``MATMUL_SHARED_DIM_THRESHOLD``: above it webgl multiplies a vector elementwise and sums."""


def _batches(view: NodeView) -> tuple[list[int | None], list[int | None]] | None:
    """The sizes before the matrices', filled up with ones to the same number."""
    shapes = [view.shape(0), view.shape(1)]
    if any(shape is None or len(shape) < 2 for shape in shapes):
        return None
    first, second = (list(shape[:-2]) for shape in shapes if shape is not None)
    rank = max(len(first), len(second))
    return [1] * (rank - len(first)) + first, [1] * (rank - len(second)) + second


def _spread_inside(view: NodeView) -> bool | str:
    """The kernels count matrices through from the start again: only leading ones are spread rightly."""
    batches = _batches(view)
    if batches is None:
        return False
    return next((f"{_text(a)} with {_text(b)}" for a, b in (batches, batches[::-1]) if _stretches_inside(a, b)), False)


def _stretches_inside(one: Sequence[int | None], other: Sequence[int | None]) -> bool:
    begun = False
    for size, wanted in zip(one, other, strict=True):
        if begun and size == 1 and wanted != 1:
            return True
        begun = begun or size != 1
    return False


def _text(sizes: Sequence[int | None]) -> str:
    return f"[{', '.join('?' if size is None else str(size) for size in sizes)}]"


def _long_vector_spread(view: NodeView) -> bool | str:
    """Either operand is reshaped to the product's number of matrices, whatever it has."""
    batches = _batches(view)
    if batches is None or batches[0] == batches[1]:
        return False
    x_shape, y_shape = view.shape(0), view.shape(1)
    inner = _size(x_shape, -2 if view.flag("adj_x", False) else -1)
    rows = _size(x_shape, -1 if view.flag("adj_x", False) else -2)
    columns = _size(y_shape, -2 if view.flag("adj_y", False) else -1)
    if inner is None or inner <= LONG_VECTOR or (rows != 1 and columns != 1):
        return False
    return f"{inner} numbers"


def _size(shape: Shape, axis: int) -> int | None:
    return None if shape is None else shape[axis]


def _transposed_and_fused(view: NodeView) -> bool:
    return (view.flag("transpose_a", False) or view.flag("transpose_b", False)) and bool(view.texts("fused_ops"))


def _other_norm(view: NodeView) -> bool | str:
    axes = view.value(1)
    return f"{axes.size} axes" if axes is not None and axes.size not in (1, 2) else False


RESTRICTIONS: tuple[Restriction, ...] = (
    Restriction(
        ops=ops("BatchMatMulV2"),
        effect="throws or silently wrong",
        says="matrices are spread along leading dimensions only",
        when=_spread_inside,
        hint="Broadcast the operand that has a 1 there to the other's size first (BroadcastTo).",
    ),
    Restriction(
        ops=ops("BatchMatMulV2"),
        effect="throws",
        says="webgl can't spread a product with so long a vector over several matrices",
        when=_long_vector_spread,
        backends=("webgl",),
        hint="Broadcast the operand that has fewer matrices first (BroadcastTo), or merge the batch into the rows.",
    ),
    Restriction(
        ops=ops("_FusedMatMul"),
        effect="silently wrong",
        says="with a transposed operand, wasm adds the bias to the wrong places and applies the activation to parts of the sum",
        when=_transposed_and_fused,
        backends=WASM,
        hint="Transpose the weights beforehand, or keep the bias and the activation as nodes of their own.",
    ),
    Restriction(
        ops=ops("MatrixBandPart"),
        effect="silently wrong",
        says="wasm selects between bool tensors as if they were wider, and writes past their end",
        when=InputIs(frozenset({"bool"})),
        backends=WASM,
        hint="Use LogicalAnd with a constant mask.",
    ),
    Restriction(
        ops=ops("EuclideanNorm"),
        effect="throws",
        says="the runtime's norm is along one or two dimensions",
        when=_other_norm,
        hint="Use Sqrt(Sum(Square(x))).",
    ),
    Restriction(
        ops=ops("EuclideanNorm"),
        effect="throws",
        says="the runtime has no root of integers",
        when=InputIs(INTEGERS),
        hint="Cast to float32 first.",
    ),
)
