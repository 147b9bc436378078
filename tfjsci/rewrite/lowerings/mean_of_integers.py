"""Mean(x) of integers  ->  Div(Sum(x), count)

The runtime's mean of integers is a float. Div cuts the fraction off, and is lowered in turn.
"""

from __future__ import annotations

from tfjsci.rewrite.build import Tensor, binary, product, reduce, scalar, size
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """Sum and Div."""
    x, axes = node.inputs
    if not x.integer:
        return Declined(reason=f"it is for integers, this is {x.dtype}")
    if x.dtype not in ("int32", "int64"):
        return Declined(reason=f"it is for int32 and int64, this is {x.dtype}, whose sum would wrap")
    if axes.value is None:
        return Declined(reason="the axes aren't constant")
    over = [int(axis) for axis in axes.value.reshape(-1)]
    total = reduce("Sum", x, over, keep=node.flag("keep_dims", False))
    return binary("Div", total, scalar(product([size(x, axis) for axis in over]), x.dtype))


LOWERING = Lowering(
    name="mean_of_integers",
    ops=("Mean",),
    equation="Mean(x) of integers → Div(Sum(x), count)",
    lower=lower,
    limits="axes that aren't constant; integers of other sizes than 32 and 64 bits",
)
