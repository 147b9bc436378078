"""EuclideanNorm(x)  ->  Sqrt(Sum(x · x))

The runtime's own is along one or two dimensions, and of floats.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, cast, reduce, unary
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """Mul, Sum and Sqrt."""
    x, axes = node.inputs[0], node.value(1)
    if axes is None:
        return Declined(reason="the dimensions aren't constant")
    wide = cast(x, "float32") if x.integer else x
    if not axes.size:
        return cast(unary("Abs", wide), x.dtype)
    total = reduce("Sum", wide * wide, [int(axis) for axis in axes.reshape(-1)], keep=node.flag("keep_dims", False))
    return cast(unary("Sqrt", total), x.dtype)


LOWERING = Lowering(
    name="euclidean_norm", ops=("EuclideanNorm",), equation="EuclideanNorm(x) → Sqrt(Sum(x · x))", lower=lower
)
