"""Prod(x, axes) with its dimensions kept  ->  Reshape(Prod(x, axes))

webgpu hands a product of few numbers, if they are on the CPU, to the CPU's kernel, and forgets about the dimensions there.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, dims, reduce, reshape
from tfjsci.rewrite.formulas.fewer_dimensions import whole_axes
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """The product, and a Reshape that puts the sizes of 1 in."""
    if not node.flag("keep_dims", False):
        return Declined(reason="no dimension is kept")
    x = node.inputs[0]
    axes = whole_axes(node, 1, x.rank)
    if axes is None:
        return Declined(reason="the axes aren't constant")
    return reshape(reduce("Prod", x, axes), [1 if axis in axes else n for axis, n in enumerate(dims(x))])


LOWERING = Lowering(
    name="product_kept",
    ops=("Prod",),
    equation="Prod(x, axes) with its dimensions kept → Reshape(Prod(x, axes))",
    lower=lower,
    limits="The axes must be constant",
)
