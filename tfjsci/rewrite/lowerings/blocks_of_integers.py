"""BatchToSpaceND(x) of integers  ->  Cast(BatchToSpaceND(Cast(x)))

webgpu does this with floats only, which hold whole numbers up to 2²⁴ exactly.
"""

from __future__ import annotations

from tfjsci.graph.graph import DType
from tfjsci.rewrite.build import Tensor, cast, make
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined, kept


def lower(node: Subject) -> Tensor | Declined:
    """Two Casts around the op."""
    x, *rest = node.inputs
    if not x.integer:
        return Declined(reason=f"it is for integers, this is {x.dtype}")
    attrs = {**kept(node.node), "T": DType("float32")}
    moved = make(node.op, [cast(x, "float32"), *rest], dtype="float32", shape=node.output_shape(), **attrs)
    return cast(moved, x.dtype)


LOWERING = Lowering(
    name="blocks_of_integers",
    ops=("BatchToSpaceND",),
    equation="BatchToSpaceND(x) of integers → Cast(BatchToSpaceND(Cast(x)))",
    lower=lower,
    accuracy="exact up to 2²⁴",
)
