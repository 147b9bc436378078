"""EnsureShape(x, shape)  ->  x; Reshape(x, shape) where the shape says more than is known of x

The op checks and passes on. A shape with at most one open size is kept as a Reshape, which fails as well if the numbers don't
fit, and keeps the sizes known for what follows.
"""

from __future__ import annotations

from tfjsci.graph.graph import ShapeAttr
from tfjsci.rewrite.build import Dim, Tensor, reshape
from tfjsci.rewrite.lowering import Lowering, Subject


def lower(node: Subject) -> Tensor:
    """Nothing, or a Reshape."""
    (x,) = node.inputs
    wanted = node.attr("shape")
    shape = wanted.shape if isinstance(wanted, ShapeAttr) else None
    if shape is None or (x.shape is not None and len(x.shape) != len(shape)):
        return x
    held = (None,) * len(shape) if x.shape is None else x.shape
    sizes = [n if n is not None else known for n, known in zip(shape, held, strict=True)]
    if tuple(sizes) == x.shape or sizes.count(None) > 1 or 0 in sizes:
        return x
    whole: list[Dim] = [-1 if n is None else n for n in sizes]
    return reshape(x, whole)


LOWERING = Lowering(
    name="ensure_shape",
    ops=("EnsureShape",),
    equation="EnsureShape(x, shape) → x, or Reshape(x, shape)",
    lower=lower,
    accuracy="a tensor of another shape is told less often",
)
