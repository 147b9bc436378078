"""SparseTensorDenseMatMul(indices, values, shape, y)  ->  ScatterNd(row numbers, values · y[column numbers])

Each element that isn't zero takes its row of y times its value to its row of the result, where those that meet are added.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Dim, Tensor, along, cast, expand, gather, scatter_nd, size, squeeze, transpose
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """GatherV2, Mul and ScatterNd."""
    indices, values, shape, y = node.inputs
    if node.flag("adjoint_b", False):
        y = transpose(y, [1, 0])
    kept, summed = (1, 0) if node.flag("adjoint_a", False) else (0, 1)
    at = cast(indices, "int32")
    rows = gather(y, squeeze(along(at, 1, summed, 1), 1)) * expand(values, 1)
    return scatter_nd(along(at, 1, kept, 1), rows, [_size(node, shape, kept), size(y, 1)])


def _size(node: Subject, shape: Tensor, axis: int) -> Dim:
    known = node.value(2)
    return int(known[axis]) if known is not None else squeeze(along(cast(shape, "int32"), 0, axis, 1), 0)


LOWERING = Lowering(
    name="sparse_matmul",
    ops=("SparseTensorDenseMatMul",),
    equation="SparseTensorDenseMatMul(indices, values, shape, y) → ScatterNd(rows, values · y[columns])",
    lower=lower,
)
