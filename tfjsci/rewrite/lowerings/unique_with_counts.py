"""UniqueWithCounts(x)  ->  Unique(x), and a ScatterNd of ones by its indices"""

from __future__ import annotations

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build import Tensor, cast, expand, filled, make_many, scatter_nd, size
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> tuple[Tensor, ...] | Declined:
    """Unique or UniqueV2, and ScatterNd."""
    x, *axis = node.inputs
    at = 0
    if axis:
        if axis[0].value is None:
            return Declined(reason="the axis isn't constant")
        at = int(axis[0].value.reshape(-1)[0]) % x.rank if axis[0].value.size else 0
    dtype = node.dtype_attr("out_idx") or "int32"
    count = size(x, at)
    if count == 0:
        return Declined(reason="it is of no numbers")
    shape = tuple(None if i == at else n for i, n in enumerate(x.sizes))
    attrs = {"T": DType(x.dtype), "out_idx": DType(dtype)}
    if axis:
        attrs["Taxis"] = DType(axis[0].dtype)
    types = [(x.dtype, shape), (dtype, (x.sizes[at],))]
    values, which = make_many("UniqueV2" if axis else "Unique", node.inputs, types, **attrs)
    counts = scatter_nd(expand(cast(which, "int32"), 1), filled([count], 1, dtype), [size(values, at)])
    return values, which, counts


LOWERING = Lowering(
    name="unique_with_counts",
    ops=("UniqueWithCounts", "UniqueWithCountsV2"),
    equation="UniqueWithCounts(x) → Unique(x), ScatterNd(indices, 1)",
    lower=lower,
    limits="The axis must be constant; not of no numbers.",
)
