"""ArgMax(x) of a vector  ->  Squeeze(ArgMax([x], 1)), and ArgMin

webgpu gives a vector of one number in the place of a scalar.
"""

from __future__ import annotations

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build import Tensor, const, expand, make, squeeze
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """The op on a matrix of one row."""
    x = node.inputs[0]
    if x.rank != 1:
        return Declined(reason=f"it is for vectors, this has rank {x.rank}")
    dtype = node.dtype_attr("output_type") or "int64"
    attrs = {"T": DType(x.dtype), "Tidx": DType("int32"), "output_type": DType(dtype)}
    return squeeze(make(node.op, [expand(x, 0), const(1)], dtype=dtype, shape=(1,), **attrs), 0)


LOWERING = Lowering(
    name="search_in_vector",
    ops=("ArgMax", "ArgMin"),
    equation="ArgMax(x) of a vector → Squeeze(ArgMax([x], 1))",
    lower=lower,
)
