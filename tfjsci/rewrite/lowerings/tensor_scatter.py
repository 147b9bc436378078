"""TensorScatterAdd(x, at, updates)  ->  x + ScatterNd(at, updates, Shape(x)); TensorScatterSub with -"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, cast, dims, scatter_nd
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """ScatterNd, which adds up what has the same place, and an addition."""
    x, at, updates = node.inputs
    if not (x.floating or x.integer):
        return Declined(reason=f"it is for floats and integers, this is {x.dtype}")
    if at.shape is not None and 0 in at.shape:
        return x
    added = scatter_nd(cast(at, "int32"), updates, dims(x))
    return x - added if node.op == "TensorScatterSub" else x + added


LOWERING = Lowering(
    name="tensor_scatter",
    ops=("TensorScatterAdd", "TensorScatterSub", "ScatterNdNonAliasingAdd"),
    equation="TensorScatterAdd(x, at, updates) → x + ScatterNd(at, updates, Shape(x))",
    lower=lower,
)
