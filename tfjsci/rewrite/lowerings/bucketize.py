"""Bucketize(x)  ->  n - LowerBound(the n boundaries negated and reversed, -x)

That counts the boundaries above x and takes them off, so that NaN comes last, as in TensorFlow.
"""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build import Tensor, cast, const, dims, filled, make, reshape
from tfjsci.rewrite.lowering import Lowering, Subject


def lower(node: Subject) -> Tensor:
    """Sub, LowerBound and Neg, in one row."""
    (x,) = node.inputs
    given = node.attr("boundaries")
    boundaries = np.array(given if isinstance(given, tuple) else (), np.float32)
    if boundaries.size == 0 or 0 in x.sizes:  # the runtime's LowerBound takes no empty row
        return filled(dims(x), 0, "int32")
    values = reshape(-cast(x, "float32"), [1, -1])
    above = make(
        "LowerBound",
        [const(-boundaries[::-1].reshape(1, -1)), values],
        dtype="int32",
        shape=values.shape,
        T=DType("float32"),
        out_type=DType("int32"),
    )
    return reshape(boundaries.size - above, dims(x))


LOWERING = Lowering(
    name="bucketize",
    ops=("Bucketize",),
    equation="Bucketize(x) → n − LowerBound(−boundaries, −x)",
    lower=lower,
)
